/** What path rules need of a certificate. How keys and signatures are computed is the platform's (certificate.node.ts). */

import type { CertificateFields } from './certificate-fields.ts'
import { toHex } from './der.ts'
import type { CertificateFrame } from './frame.ts'

export interface Certificate {
  readonly frame: CertificateFrame
  readonly der: Uint8Array
  /** Of `der`, as hexadecimal digits: what people compare certificates by. */
  readonly sha256: string
  readonly spki: Uint8Array
  /** Canonical forms (RFC 5280 §7.1): equal names are equal strings. Empty for an empty name. */
  readonly subjectName: string
  readonly issuerName: string
  /** One string for each RDN of the subject. */
  readonly subjectRdns: readonly string[]
  /** `undefined` where the certificate is malformed: it can then be matched as octets, but never stand in a path. */
  readonly fields: CertificateFields | undefined
  /** Security strength of its key in bits (NIST SP 800-57 part 1); 0 for a key that we don't accept at any level. */
  readonly keyStrengthBits: number
  /** Whether its key made the signature of `child`. */
  signed(child: Certificate): boolean
}

/** Subject and issuer have the same name, whoever signed (RFC 5280 §6.1). */
export function isSelfIssued({ subjectName, issuerName }: Certificate): boolean {
  return subjectName === issuerName
}

/** For messages. */
export function describe({ fields, subjectName }: Certificate): string {
  const names = fields?.subjectAltNames?.flatMap((name) => (name.form === 'dns' ? [name.text] : [])) ?? []
  if (names.length > 0) return `the certificate for ${printable(names.slice(0, 3).join(', '))}`
  const values = subjectName.slice(0, 1000).match(/"(?:[^"\\]|\\.)*"/g) ?? []
  return values.length > 0 ? `the certificate of ${printable(values.join(', '))}` : 'the certificate without a name'
}

/** What a server sends ends up in logs: short, and without control characters. */
function printable(text: string): string {
  const safe = text.replace(/[^\x20-\x7e]/g, '?')
  return safe.length > 100 ? `${safe.slice(0, 100)}…` : safe
}

/**
 * Whether the child's authority key identifier, where it has one, speaks of this issuer (RFC 5280 §4.2.1.1). A hint in the
 * RFC; taken as binding, as OpenSSL does: a CA that names another key did not mean this one.
 */
export function isNamedIssuer(issuer: Certificate, child: Certificate): boolean {
  const hint = child.fields?.authorityKey
  const known = issuer.fields
  if (hint === undefined || known === undefined) return true
  if (hint.keyId !== undefined && known.subjectKeyId !== undefined && hint.keyId !== known.subjectKeyId) return false
  if (hint.serialNumber !== undefined && unpadded(hint.serialNumber) !== unpadded(toHex(issuer.frame.serialNumber))) {
    return false
  }
  const names = hint.issuers?.flatMap((name) => (name.form === 'directory' ? [name.rdns.join(',')] : [])) ?? []
  return names.length === 0 || names.includes(issuer.issuerName)
}

function unpadded(hex: string): string {
  return hex.replace(/^0+/, '')
}
