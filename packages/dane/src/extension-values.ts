/**
 * Values of the extensions that path rules look at (RFC 5280 §4.2), read strictly: what is not understood whole throws, because
 * a part that is passed over may be the constraint that counts.
 */
import type { CertificateFields, Subtree } from './certificate-fields.ts'
import { contentOf, type Element, elementsIn, oidText, TAG, toHex, wholeElement } from './der.ts'
import { type GeneralName, generalName } from './general-name.ts'

/** KeyUsage has nine bits (§4.2.1.3). */
const KEY_USAGE_BITS = 9
/** A path length beyond this is none that anybody could exceed. */
const MAX_INTEGER_OCTETS = 4
const KEY_ID = 0x80
const ISSUER = 0xa1
const SERIAL_NUMBER = 0x82
const PERMITTED = 0xa0
const EXCLUDED = 0xa1
const MINIMUM = 0x80
const MAXIMUM = 0x81

/** §4.2.1.9. A path length means something for a CA alone. */
export function basicConstraints(value: Uint8Array): NonNullable<CertificateFields['basicConstraints']> {
  const { [TAG.boolean]: flag, [TAG.integer]: limit } = optionalParts(value, sequence(value), [
    TAG.boolean,
    TAG.integer,
  ])
  const ca = flag !== undefined && booleanOf(value, flag)
  const pathLength = limit && integerOf(value, limit)
  return { ca, pathLength: ca ? pathLength : undefined }
}

/** §4.2.1.3, its bit 0 as the lowest. */
export function keyUsage(value: Uint8Array): number {
  const [unused, ...octets] = contentOf(value, whole(value, TAG.bitString))
  if (unused === undefined || unused > 7 || (unused > 0 && octets.length === 0))
    throw new Error('a bit string of no length')
  const bits = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  const used = [...bits.slice(0, bits.length - unused)].slice(0, KEY_USAGE_BITS)
  return used.reduce((flags, bit, i) => (bit === '1' ? flags | (1 << i) : flags), 0)
}

/** §4.2.1.12. */
export function extendedKeyUsage(value: Uint8Array): readonly string[] {
  return partsOf(value, sequence(value)).map((element) => {
    const purpose = element.tag === TAG.oid ? oidText(contentOf(value, element)) : undefined
    if (purpose === undefined) throw new Error('a purpose that is no object identifier')
    return purpose
  })
}

/** §4.2.1.6. */
export function subjectAltNames(value: Uint8Array): readonly GeneralName[] {
  const names = namesIn(value, sequence(value))
  if (names.length === 0) throw new Error('an empty subjectAltName (RFC 5280 §4.2.1.6)')
  return names
}

/** §4.2.1.10. */
export function nameConstraints(value: Uint8Array): NonNullable<CertificateFields['nameConstraints']> {
  const { [PERMITTED]: permitted, [EXCLUDED]: excluded } = optionalParts(value, sequence(value), [PERMITTED, EXCLUDED])
  const constraints = { permitted: subtreesIn(value, permitted), excluded: subtreesIn(value, excluded) }
  if (constraints.permitted.length + constraints.excluded.length === 0) {
    throw new Error('name constraints that constrain nothing (RFC 5280 §4.2.1.10)')
  }
  return constraints
}

/** §4.2.1.2, as hexadecimal digits. */
export function subjectKeyId(value: Uint8Array): string {
  return toHex(contentOf(value, whole(value, TAG.octetString)))
}

/** §4.2.1.1. */
export function authorityKey(value: Uint8Array): NonNullable<CertificateFields['authorityKey']> {
  const parts = optionalParts(value, sequence(value), [KEY_ID, ISSUER, SERIAL_NUMBER])
  const { [KEY_ID]: keyId, [ISSUER]: issuer, [SERIAL_NUMBER]: serialNumber } = parts
  return {
    keyId: keyId && toHex(contentOf(value, keyId)),
    serialNumber: serialNumber && toHex(contentOf(value, serialNumber)),
    issuers: issuer && namesIn(value, issuer),
  }
}

function subtreesIn(der: Uint8Array, list: Element | undefined): readonly Subtree[] {
  return (list === undefined ? [] : partsOf(der, list)).map((element) => {
    const [base, ...limits] = element.tag === TAG.sequence ? partsOf(der, element) : []
    if (base === undefined) throw new Error('a subtree without a base')
    const { [MINIMUM]: minimum, [MAXIMUM]: maximum } = inOrder(limits, [MINIMUM, MAXIMUM])
    const isPlain = maximum === undefined && (minimum === undefined || integerOf(der, minimum) === 0)
    return { base: generalName(der, base), plain: isPlain }
  })
}

function namesIn(der: Uint8Array, list: Element): readonly GeneralName[] {
  return partsOf(der, list).map((element) => generalName(der, element))
}

function sequence(value: Uint8Array): Element {
  return whole(value, TAG.sequence)
}

function whole(value: Uint8Array, tag: number): Element {
  const element = wholeElement(value, tag)
  if (element === undefined) throw new Error('a value of another type, or octets after it')
  return element
}

function partsOf(der: Uint8Array, parent: Element): readonly Element[] {
  const parts = elementsIn(der, parent)
  if (parts === undefined) throw new Error('a value that is no DER')
  return parts
}

function optionalParts<T extends number>(
  der: Uint8Array,
  parent: Element,
  tags: readonly T[],
): { [tag in T]?: Element } {
  return inOrder(partsOf(der, parent), tags)
}

/** Each at most once, in the order of `tags`, and no others. */
function inOrder<T extends number>(parts: readonly Element[], tags: readonly T[]): { [tag in T]?: Element } {
  const found: { [tag in T]?: Element } = {}
  let next = 0
  for (const part of parts) {
    const at = tags.findIndex((tag, i) => i >= next && tag === part.tag)
    const tag = tags[at]
    if (tag === undefined) throw new Error('a part too many, or one of the wrong type')
    found[tag] = part
    next = at + 1
  }
  return found
}

/** Any octet but 0 is true: DER wants 255, some write others. */
function booleanOf(der: Uint8Array, element: Element): boolean {
  const [octet, ...surplus] = contentOf(der, element)
  if (octet === undefined || surplus.length > 0) throw new Error('a boolean that is none')
  return octet !== 0
}

/** Not negative, in the shortest form (X.690 §8.3.2). */
function integerOf(der: Uint8Array, element: Element): number {
  const octets = contentOf(der, element)
  const [first = 0x80, second = 0x80] = octets
  if (first >= 0x80 || (first === 0 && second < 0x80)) throw new Error('a number that is negative, padded or none')
  if (octets.length > MAX_INTEGER_OCTETS) return Infinity
  return octets.reduce((value, octet) => value * 256 + octet, 0)
}
