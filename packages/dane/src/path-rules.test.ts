import { parseName } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import type { Certificate } from './certificate.ts'
import type { CertificateFields } from './certificate-fields.ts'
import { type PathRules, pathFault } from './path-rules.ts'

const rules: PathRules = {
  reference: { names: [parseName('broker.fleet.test')] },
  nowMs: 0,
  floorBits: 0,
  endsInAnchor: true,
}

/** As much of a certificate as path rules look at. */
function fake(fields: Partial<CertificateFields>, version = 3, subject = 'CN=ca', issuer = subject): Certificate {
  const nothing = new Uint8Array()
  const frame = { version, serialNumber: Uint8Array.of(1), subject: Uint8Array.of(0x30, 0) }
  const usual = { unhandledCritical: [], notBeforeMs: -1, notAfterMs: 1, signatureAlgorithm: { oid: '1.3.101.112' } }
  return {
    frame: frame as unknown as Certificate['frame'],
    der: nothing,
    sha256: '',
    spki: nothing,
    subjectName: subject,
    issuerName: issuer,
    subjectRdns: [subject],
    fields: { ...usual, ...fields } as unknown as CertificateFields,
    keyStrengthBits: 128,
    signed: () => true,
  }
}

describe('CAs by their basic constraints (RFC 5280 §4.2.1.9, §6.1.4 k)', () => {
  const leaf = fake({ subjectAltNames: [{ form: 'dns', text: 'broker.fleet.test' }] }, 3, 'CN=leaf', 'CN=ca')
  const ca = { ca: true, pathLength: undefined }
  const noCa = { ca: false, pathLength: undefined }

  it.each([
    ['a CA of version 3', fake({ basicConstraints: ca }), undefined],
    ['a root of version 3 without them', fake({}), 'not-a-ca'],
    ['an old root, of version 1', fake({}, 1), undefined],
    ['one of version 1 that is no root', fake({}, 1, 'CN=ca', 'CN=root'), 'not-a-ca'],
    ['a root of version 1 that says it is no CA', fake({ basicConstraints: noCa }, 1), 'not-a-ca'],
    ['a root of version 2 without them', fake({}, 2), 'not-a-ca'],
  ])('%s', (_title, anchor, code) => expect(pathFault([leaf, anchor], rules)?.code).toBe(code))
})
