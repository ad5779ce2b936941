import { describe, expect, it } from 'vitest'
import type { Certificate } from './certificate.ts'
import type { CertificateFields, Subtree } from './certificate-fields.ts'
import type { GeneralName } from './general-name.ts'
import { nameConstraintsFault } from './name-constraints.ts'

type Constraints = { readonly permitted?: readonly GeneralName[]; readonly excluded?: readonly GeneralName[] }

/** As much of a certificate as constraints look at. */
function fake(
  names: readonly GeneralName[],
  constraints?: Constraints,
  subject = 'CN=x',
  issuer = 'CN=y',
  encodedSubject = Uint8Array.of(0x30, 0),
): Certificate {
  const trees = (list: readonly GeneralName[] = []): readonly Subtree[] => list.map((base) => ({ base, plain: true }))
  const nameConstraints = constraints && {
    permitted: trees(constraints.permitted),
    excluded: trees(constraints.excluded),
  }
  const fields = { subjectAltNames: names, nameConstraints } as unknown as CertificateFields
  const nothing = new Uint8Array()
  const frame = { subject: encodedSubject } as unknown as Certificate['frame']
  const octets = { frame, der: nothing, sha256: '', spki: nothing }
  return {
    ...octets,
    subjectName: subject,
    issuerName: issuer,
    subjectRdns: [subject],
    fields,
    keyStrengthBits: 128,
    signed: () => true,
  }
}

const dns = (text: string): GeneralName => ({ form: 'dns', text })
const email = (text: string): GeneralName => ({ form: 'email', text })
const uri = (text: string): GeneralName => ({ form: 'uri', text })
const ip = (...octets: readonly number[]): GeneralName => ({ form: 'ip', octets: Uint8Array.from(octets) })
const IPV4_RANGE = ip(192, 0, 2, 0, 255, 255, 255, 0)
const sixteen = (...octets: readonly number[]) => Array.from({ length: 16 }, (_, i) => octets[i] ?? 0)
const V6 = [0x20, 1, 0xd, 0xb8]
const directory = (...rdns: readonly string[]): GeneralName => ({ form: 'directory', rdns })

describe('name constraints (RFC 5280 §4.2.1.10)', () => {
  it.each<readonly [string, GeneralName, Constraints, boolean]>([
    ['a name below', dns('a.fleet.test'), { permitted: [dns('fleet.test')] }, true],
    ['the name itself', dns('fleet.test'), { permitted: [dns('fleet.test')] }, true],
    ['a longer label', dns('notfleet.test'), { permitted: [dns('fleet.test')] }, false],
    ['letters of another case', dns('A.FLEET.test'), { permitted: [dns('fleet.TEST')] }, true],
    ['the empty base', dns('a.test'), { permitted: [dns('')] }, true],
    ['one of two bases', dns('b.test'), { permitted: [dns('a.test'), dns('b.test')] }, true],
    [
      'permitted and excluded',
      dns('a.fleet.test'),
      { permitted: [dns('fleet.test')], excluded: [dns('a.fleet.test')] },
      false,
    ],
    ['a wildcard wider than the base', dns('*.fleet.test'), { permitted: [dns('a.fleet.test')] }, false],
    ['a base with a leading dot', dns('a.fleet.test'), { permitted: [dns('.fleet.test')] }, false],
    ['a malformed name', dns('.fleet.test'), { permitted: [dns('fleet.test')] }, false],
    ['another form', dns('a.test'), { permitted: [IPV4_RANGE] }, true],
    ['an address inside', ip(192, 0, 2, 7), { permitted: [IPV4_RANGE] }, true],
    ['an address outside', ip(192, 0, 3, 7), { permitted: [IPV4_RANGE] }, false],
    [
      'an excluded IPv6 address',
      ip(...sixteen(...V6, 9)),
      { excluded: [ip(...sixteen(...V6), ...sixteen(255, 255, 255, 255))] },
      false,
    ],
    ['an address of the other family', ip(...sixteen(...V6)), { permitted: [IPV4_RANGE] }, false],
    ['an address that is none', ip(192, 0, 2, 7, 0), { permitted: [IPV4_RANGE] }, false],
    ['an address of eight octets', ip(192, 0, 2, 0, 255, 255, 255, 0), { excluded: [IPV4_RANGE] }, false],
    ['any address', ip(192, 0, 2, 7), { permitted: [ip(0, 0, 0, 0, 0, 0, 0, 0)] }, true],
    ['half an octet', ip(192, 0, 2, 17), { permitted: [ip(192, 0, 2, 0, 255, 255, 255, 240)] }, false],
    ['a range without a mask', ip(192, 0, 2, 7), { permitted: [ip(192, 0, 2, 7)] }, false],
    ['a range without a mask, of the other family', ip(192, 0, 2, 7), { excluded: [ip(...sixteen())] }, false],
    ['a mask with a gap of octets', ip(192, 0, 2, 7), { permitted: [ip(192, 0, 2, 0, 255, 0, 255, 0)] }, false],
    ['a mask with a gap of bits', ip(192, 0, 2, 7), { excluded: [ip(10, 0, 0, 0, 255, 255, 253, 0)] }, false],
    ['a mailbox', email('a@fleet.test'), { permitted: [email('a@fleet.test')] }, true],
    ['a mailbox that differs in letters alone', email('A@FLEET.test'), { permitted: [email('a@fleet.test')] }, false],
    ['its host in other letters', email('a@FLEET.test'), { excluded: [email('a@fleet.TEST')] }, false],
    ['a mailbox without a host', email('fleet'), { excluded: [email('other.test')] }, false],
    ['any mailbox of a host', email('a@fleet.test'), { permitted: [email('fleet.test')] }, true],
    ['a host below without the dot', email('a@b.fleet.test'), { permitted: [email('fleet.test')] }, false],
    ['a host below with the dot', email('a@b.fleet.test'), { permitted: [email('.fleet.test')] }, true],
    ['a base that is nobody at a host', email('a@fleet.test'), { excluded: [email('@fleet.test')] }, false],
    ['an empty base for mailboxes', email('a@fleet.test'), { permitted: [email('')] }, false],
    ['an empty base for URIs', uri('https://fleet.test'), { permitted: [uri('')] }, false],
    ['the host of a URI', uri('https://u@a.fleet.test:8443/x'), { excluded: [uri('.fleet.test')] }, false],
    ['a URI without a host', uri('urn:other:x'), { excluded: [uri('fleet.test')] }, false],
    ['a URI with an address', uri('https://192.0.2.1/'), { excluded: [uri('fleet.test')] }, false],
    ['a URI of another host', uri('https://other.test'), { excluded: [uri('fleet.test')] }, true],
    ['a directory below', directory('C=x', 'O=y'), { excluded: [directory('C=x')] }, false],
    ['a directory beside', directory('C=x', 'O=y'), { excluded: [directory('C=x', 'O=z')] }, true],
    ['the subject', dns('a.test'), { excluded: [directory('CN=x')] }, false],
    ['a form that nobody can compare', { form: 'x400' }, { excluded: [{ form: 'x400' }] }, false],
    [
      'a form that nobody can compare beside another such',
      { form: 'x400' },
      { excluded: [{ form: 'edi-party' }] },
      true,
    ],
  ])('%s', (_title, name, constraints, fits) => {
    const fault = nameConstraintsFault([fake([name]), fake([], constraints)])
    expect(fault === undefined).toBe(fits)
  })

  it('a mailbox in the subject counts as one', () => {
    const address = new TextEncoder().encode('a@fleet.test')
    const type = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]
    const attribute = [0x30, 25, ...type, 0x16, 12, ...address]
    const subject = Uint8Array.of(0x30, 29, 0x31, 27, ...attribute)
    const below = fake([dns('a.fleet.test')], undefined, 'CN=x', 'CN=y', subject)
    expect(nameConstraintsFault([below, fake([], { excluded: [email('fleet.test')] })])).toBeDefined()
    expect(nameConstraintsFault([below, fake([], { permitted: [email('fleet.test')] })])).toBeUndefined()
  })

  it('self-issued intermediates are exempt, a self-issued leaf is not (§6.1.3 b)', () => {
    const ca = fake([], { permitted: [dns('fleet.test')] })
    const selfIssued = fake([dns('other.test')], undefined, 'CN=s', 'CN=s')
    expect(nameConstraintsFault([fake([dns('a.fleet.test')]), selfIssued, ca])).toBeUndefined()
    expect(nameConstraintsFault([selfIssued, ca])).toMatchObject({ code: 'name-constraints' })
  })

  it('what lies above a CA is not its business', () => {
    const path = [
      fake([dns('a.fleet.test')]),
      fake([], { permitted: [dns('fleet.test')] }),
      fake([dns('root.other.test')]),
    ]
    expect(nameConstraintsFault(path)).toBeUndefined()
  })

  it('refuses minimum and maximum, and more comparisons than we make', () => {
    const odd = { base: dns('fleet.test'), plain: false }
    const ca = fake([])
    const bent = {
      ...ca,
      fields: { nameConstraints: { permitted: [odd], excluded: [] } } as unknown as CertificateFields,
    }
    expect(nameConstraintsFault([fake([dns('a.fleet.test')]), bent])).toMatchObject({ code: 'name-constraints' })
    const many = Array.from({ length: 400 }, (_, i) => dns(`n${i}.test`))
    expect(nameConstraintsFault([fake(many), fake([], { excluded: many.map(() => dns('other.test')) })])).toMatchObject(
      {
        detail: 'more names and constraints than we compare',
      },
    )
  })
})
