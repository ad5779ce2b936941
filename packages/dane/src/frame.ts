/** The parts of a certificate that count as octets (RFC 5280 §4.1): TLSA selectors and names must see them as received. */
import { contentOf, type Element, elementsIn, octetsOf, TAG, toHex, wholeElement } from './der.ts'

export interface CertificateFrame {
  readonly der: Uint8Array
  /** 1, 2 or 3. */
  readonly version: number
  /** Content alone. */
  readonly serialNumber: Uint8Array
  readonly issuer: Uint8Array
  readonly validity: Uint8Array
  readonly subject: Uint8Array
  /** SubjectPublicKeyInfo: what selector 1 selects (RFC 6698 §2.1.2), never re-encoded. */
  readonly spki: Uint8Array
  /** The SEQUENCE of them; `undefined` where there are none. */
  readonly extensions: Uint8Array | undefined
  readonly signatureAlgorithm: Uint8Array
}

/** Context tags of TBSCertificate. */
const VERSION = 0xa0
const UNIQUE_IDS: readonly number[] = [0x81, 0x82]
const EXTENSIONS = 0xa3
/** id-ecPublicKey, 1.2.840.10045.2.1. */
const EC_PUBLIC_KEY = '06072a8648ce3d0201'

/** Frames exactly one certificate; `undefined` where `der` has another shape or anything after it. */
export function frameCertificate(der: Uint8Array): CertificateFrame | undefined {
  const [tbs, algorithm, signature, ...surplus] = childrenOf(der, wholeElement(der, TAG.sequence))
  if (tbs?.tag !== TAG.sequence || algorithm?.tag !== TAG.sequence || signature?.tag !== TAG.bitString) return undefined
  if (surplus.length > 0) return undefined
  const fields = childrenOf(der, tbs)
  const [first] = fields
  const version = first?.tag === VERSION ? versionOf(der, first) : 1
  const [serial, inner, issuer, validity, subject, spki, ...optional] = fields.slice(first?.tag === VERSION ? 1 : 0)
  if (serial?.tag !== TAG.integer || inner?.tag !== TAG.sequence || validity?.tag !== TAG.sequence) return undefined
  if (issuer?.tag !== TAG.sequence || subject?.tag !== TAG.sequence || spki?.tag !== TAG.sequence) return undefined
  if (version === undefined || !isPublicKeyAt(der, spki)) return undefined
  const extensions = optional.at(-1)?.tag === EXTENSIONS ? optional.pop() : undefined
  const list = extensions && childrenOf(der, extensions)
  if (optional.some(({ tag }) => !UNIQUE_IDS.includes(tag)) || list?.length === 0) return undefined
  return {
    der,
    version,
    serialNumber: contentOf(der, serial),
    issuer: octetsOf(der, issuer),
    validity: octetsOf(der, validity),
    subject: octetsOf(der, subject),
    spki: octetsOf(der, spki),
    extensions: extensions && contentOf(der, extensions),
    signatureAlgorithm: octetsOf(der, algorithm),
  }
}

/** `[0] INTEGER`, one octet: 0 for version 1, which DER would leave out and some write. */
function versionOf(der: Uint8Array, element: Element): number | undefined {
  const [number, ...surplus] = childrenOf(der, element)
  if (number?.tag !== TAG.integer || surplus.length > 0) return undefined
  const [value = 3, ...more] = contentOf(der, number)
  return value <= 2 && more.length === 0 ? value + 1 : undefined
}

/** Whether `der` is exactly one SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
export function isPublicKeyInfo(der: Uint8Array): boolean {
  const whole = wholeElement(der, TAG.sequence)
  return whole !== undefined && isPublicKeyAt(der, whole)
}

/** Whether the key does without parameters written out: an EC curve must go by its name (RFC 5480 §2.1.1). */
export function hasNamedParameters(spki: Uint8Array): boolean {
  const [algorithm] = childrenOf(spki, wholeElement(spki, TAG.sequence))
  const [oid, parameters] = childrenOf(spki, algorithm)
  return oid !== undefined && !(toHex(octetsOf(spki, oid)) === EC_PUBLIC_KEY && parameters?.tag !== TAG.oid)
}

function isPublicKeyAt(der: Uint8Array, spki: Element): boolean {
  const [algorithm, key, ...surplus] = childrenOf(der, spki)
  return (
    algorithm?.tag === TAG.sequence &&
    key?.tag === TAG.bitString &&
    surplus.length === 0 &&
    childrenOf(der, algorithm)[0]?.tag === TAG.oid
  )
}

function childrenOf(der: Uint8Array, parent: Element | undefined): readonly Element[] {
  return (parent && elementsIn(der, parent)) ?? []
}
