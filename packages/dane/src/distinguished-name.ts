/** Distinguished names in a form in which equal ones are equal strings (RFC 5280 §7.1). */
import { contentOf, type Element, elementsIn, latin1Text, octetsOf, oidText, TAG, toHex, wholeElement } from './der.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const UTF16 = new TextDecoder('utf-16be', { fatal: true })
/** Readers of text by string type; they throw for octets that are none. T61String is taken for Latin-1, as OpenSSL takes it. */
const TEXT_READERS: ReadonlyMap<number, (octets: Uint8Array) => string> = new Map([
  [0x0c, (octets) => UTF8.decode(octets)],
  [0x12, latin1Text],
  [0x13, latin1Text],
  [0x14, latin1Text],
  [0x16, latin1Text],
  [0x1a, latin1Text],
  [0x1c, utf32Text],
  [0x1e, (octets) => UTF16.decode(octets)],
])
/** id-emailAddress, 1.2.840.113549.1.9.1 (RFC 5280 appendix A.1). */
const EMAIL_ADDRESS = '2a864886f70d010901'

/**
 * One string for each RDN: attribute types by octets, text in lower case with white space folded, whatever string type it
 * came in. `undefined` where `der` is no Name, or holds text that cannot be read: nobody could say what it equals.
 */
export function canonicalRdns(der: Uint8Array): readonly string[] | undefined {
  const name = wholeElement(der, TAG.sequence)
  const sets = name && elementsIn(der, name)
  const rdns = sets?.map((set) => (set.tag === TAG.set ? canonicalRdn(der, set) : undefined))
  return rdns?.every((rdn) => rdn !== undefined) ? rdns : undefined
}

/** The mailboxes that a name holds as attributes; letters as they stand. */
export function emailAddressesOf(der: Uint8Array): readonly string[] {
  const name = wholeElement(der, TAG.sequence)
  const sets = (name && elementsIn(der, name)) ?? []
  return sets.flatMap((set) =>
    (elementsIn(der, set) ?? []).flatMap((attribute) => {
      const [type, value] = elementsIn(der, attribute) ?? []
      const isEmail = type !== undefined && toHex(contentOf(der, type)) === EMAIL_ADDRESS
      return isEmail && value !== undefined ? [textOf(der, value) ?? ''] : []
    }),
  )
}

function canonicalRdn(der: Uint8Array, set: Element): string | undefined {
  const attributes = (elementsIn(der, set) ?? []).map((attribute) => {
    const [type, value, ...surplus] = attribute.tag === TAG.sequence ? (elementsIn(der, attribute) ?? []) : []
    if (type?.tag !== TAG.oid || value === undefined || surplus.length > 0) return undefined
    if (oidText(contentOf(der, type)) === undefined) return undefined
    const canonical = canonicalValue(der, value)
    return canonical && `${toHex(contentOf(der, type))}=${canonical}`
  })
  if (attributes.length === 0 || attributes.includes(undefined)) return undefined
  return attributes.sort().join('+')
}

/** What is no text is compared by octets. */
function canonicalValue(der: Uint8Array, value: Element): string | undefined {
  if (!TEXT_READERS.has(value.tag)) return `#${toHex(octetsOf(der, value))}`
  const text = textOf(der, value)
  // JSON keeps a value that holds `+` or `=` from looking like two attributes.
  return text === undefined ? undefined : JSON.stringify(text.trim().replace(/\s+/g, ' ').toLowerCase())
}

/** `undefined` where it is no text, or none that can be read. */
function textOf(der: Uint8Array, value: Element): string | undefined {
  try {
    return TEXT_READERS.get(value.tag)?.(contentOf(der, value))
  } catch {
    return undefined
  }
}

/** UniversalString. */
function utf32Text(octets: Uint8Array): string {
  if (octets.length % 4 !== 0) throw new RangeError('a character of less than four octets')
  const field = new DataView(octets.buffer, octets.byteOffset, octets.length)
  return Array.from({ length: octets.length / 4 }, (_, i) => String.fromCodePoint(field.getUint32(4 * i))).join('')
}
