/** What holds of a whole certification path, leaf first, anchor last (RFC 5280 §6.1); signatures are checked on the way up. */
import { type Certificate, describe, isSelfIssued } from './certificate.ts'
import type { CertificateFields } from './certificate-fields.ts'
import type { Fault, FaultCode } from './fault.ts'
import { nameConstraintsFault } from './name-constraints.ts'
import { identifies, type ReferenceIdentity } from './names.ts'
import { signatureStrengthBits } from './strength.ts'

export interface PathRules {
  readonly reference: ReferenceIdentity
  readonly nowMs: number
  /** Of keys and signatures; 0 sets no floor. */
  readonly floorBits: number
  /** Whether the last certificate is the trust anchor: its own signature then proves nothing and is not rated. */
  readonly endsInAnchor: boolean
}

/** Bits of KeyUsage (RFC 5280 §4.2.1.3). */
const KEY_USAGE = { digitalSignature: 1, keyEncipherment: 4, keyAgreement: 16, keyCertSign: 32 } as const
const TLS_SERVER_KEY_USAGES = KEY_USAGE.digitalSignature | KEY_USAGE.keyEncipherment | KEY_USAGE.keyAgreement

/**
 * id-kp-serverAuth, and the two "server gated crypto" purposes that old CAs wrote for the same. anyExtendedKeyUsage is not
 * enough (RFC 5280 §4.2.1.12 allows that; OpenSSL does so).
 */
const SERVER_PURPOSES: ReadonlySet<string> = new Set([
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
])

/** RFC 5280 §4.1.2.2. */
const MAX_SERIAL_OCTETS = 20

/** The first rule that the path breaks, from the leaf up; `undefined` where it keeps them all. */
export function pathFault(path: readonly Certificate[], rules: PathRules): Fault | undefined {
  let intermediates = 0
  for (const [depth, certificate] of path.entries()) {
    const fields = certificate.fields
    if (fields === undefined) return fault(certificate, 'malformed-certificate', 'cannot be read')
    const isAnchor = rules.endsInAnchor && depth === path.length - 1
    const found =
      formFault(certificate, fields) ??
      validityFault(certificate, fields, rules.nowMs) ??
      keyFault(certificate, rules.floorBits) ??
      (isAnchor ? undefined : signatureFault(certificate, fields, rules.floorBits)) ??
      (depth === 0 ? leafFault(certificate, fields) : caFault(certificate, fields, isAnchor, intermediates))
    if (found !== undefined) return found
    if (depth > 0 && !isSelfIssued(certificate)) intermediates++
  }
  return nameConstraintsFault(path) ?? nameFault(path[0], rules.reference)
}

function fault(certificate: Certificate, code: FaultCode, what: string): Fault {
  return { code, detail: `${describe(certificate)} ${what}` }
}

function formFault(certificate: Certificate, fields: CertificateFields): Fault | undefined {
  const [unhandled] = fields.unhandledCritical
  if (unhandled !== undefined) {
    return fault(certificate, 'critical-extension', `has the critical extension ${unhandled}, which we do not process`)
  }
  const { serialNumber } = certificate.frame
  const serialOctets = serialNumber[0] === 0 ? serialNumber.length - 1 : serialNumber.length
  if (serialOctets > MAX_SERIAL_OCTETS) {
    return fault(certificate, 'malformed-certificate', `has a serial number of ${serialOctets} octets (at most 20)`)
  }
  if (certificate.issuerName === '') return fault(certificate, 'malformed-certificate', 'names no issuer')
  return undefined
}

/** Both ends are inclusive (RFC 5280 §4.1.2.5). */
function validityFault(certificate: Certificate, fields: CertificateFields, nowMs: number): Fault | undefined {
  if (nowMs < fields.notBeforeMs)
    return fault(certificate, 'not-yet-valid', `is not valid before ${date(fields.notBeforeMs)}`)
  if (nowMs > fields.notAfterMs) return fault(certificate, 'expired', `expired on ${date(fields.notAfterMs)}`)
  return undefined
}

function date(ms: number): string {
  return new Date(ms).toISOString()
}

/** `floorBits` 0 sets no floor; a kind of key that we don't accept at all is refused even so. */
export function keyFault(certificate: Certificate, floorBits: number): Fault | undefined {
  const bits = certificate.keyStrengthBits
  if (bits === 0) return fault(certificate, 'weak-key', 'has a key of a kind that we do not accept')
  if (bits >= floorBits) return undefined
  return fault(certificate, 'weak-key', `has a key of ${bits} bits of strength, ${floorBits} are asked for`)
}

function signatureFault(certificate: Certificate, fields: CertificateFields, floorBits: number): Fault | undefined {
  const bits = signatureStrengthBits(fields.signatureAlgorithm)
  if (bits >= floorBits) return undefined
  return fault(certificate, 'weak-signature', `has a signature of ${bits} bits of strength, ${floorBits} are asked for`)
}

function leafFault(leaf: Certificate, fields: CertificateFields): Fault | undefined {
  if (fields.keyUsage !== undefined && (fields.keyUsage & TLS_SERVER_KEY_USAGES) === 0) {
    return fault(leaf, 'key-usage', 'is not for TLS by its key usage')
  }
  const mayCertify = fields.basicConstraints?.ca === true
  if (!mayCertify && ((fields.keyUsage ?? 0) & KEY_USAGE.keyCertSign) !== 0) {
    return fault(leaf, 'key-usage', 'may sign certificates by its key usage and may not by its basic constraints')
  }
  if (!mayCertify && fields.nameConstraints !== undefined) {
    return fault(leaf, 'name-constraints', 'constrains names though it is no CA (RFC 5280 §4.2.1.10)')
  }
  if (leaf.subjectName === '' && !fields.subjectAltNamesCritical) {
    return fault(
      leaf,
      'malformed-certificate',
      'has no subject, and alternative names that are not critical (RFC 5280 §4.2.1.6)',
    )
  }
  return purposeFault(leaf, fields)
}

/** Anchors too: RFC 7671 §5.2.1 wants the anchor certificate's own constraints applied. */
function caFault(
  ca: Certificate,
  fields: CertificateFields,
  isAnchor: boolean,
  intermediatesBelow: number,
): Fault | undefined {
  // Version 1 knows no extensions; old roots have it. One that says all the same that it is no CA is believed.
  const isOldRoot = ca.frame.version === 1 && isAnchor && isSelfIssued(ca) && fields.basicConstraints?.ca !== false
  if (!isOldRoot && (ca.frame.version !== 3 || fields.basicConstraints?.ca !== true)) {
    return fault(ca, 'not-a-ca', 'is not a CA by its basic constraints')
  }
  if (fields.keyUsage !== undefined && (fields.keyUsage & KEY_USAGE.keyCertSign) === 0) {
    return fault(ca, 'not-a-ca', 'may not sign certificates by its key usage')
  }
  const limit = fields.basicConstraints?.pathLength
  if (limit !== undefined && intermediatesBelow > limit) {
    return fault(ca, 'path-length', `allows ${limit} intermediates below it and has ${intermediatesBelow}`)
  }
  return purposeFault(ca, fields)
}

/** In a CA certificate it binds what stands below, as common practice and OpenSSL have it. */
function purposeFault(certificate: Certificate, { extendedKeyUsage }: CertificateFields): Fault | undefined {
  if (extendedKeyUsage === undefined || extendedKeyUsage.some((purpose) => SERVER_PURPOSES.has(purpose)))
    return undefined
  return fault(certificate, 'extended-key-usage', 'is not for TLS servers by its extended key usage')
}

/** The leaf must name the server (RFC 7671 §5.2 for DANE-TA). */
export function nameFault(leaf: Certificate | undefined, reference: ReferenceIdentity): Fault | undefined {
  if (identifies(leaf?.fields?.subjectAltNames ?? [], reference)) return undefined
  const wanted = reference.names.map((name) => name.slice(0, -1)).join(', ')
  return { code: 'name-mismatch', detail: `${leaf ? describe(leaf) : 'the server'} names none of: ${wanted}` }
}
