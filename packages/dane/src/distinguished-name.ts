/** Distinguished names in a form in which equal ones are equal strings (RFC 5280 §7.1). */
import { contentOf, type Element, elementsIn, octetsOf, TAG, toHex, wholeElement } from './der.ts'

/** UTF8String, NumericString, PrintableString, T61String, IA5String, VisibleString: one octet an ASCII letter. */
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a])
const BMP_STRING = 0x1e
const UTF8 = new TextDecoder('utf-8', { fatal: true })
const UTF16 = new TextDecoder('utf-16be', { fatal: true })
/** id-emailAddress, 1.2.840.113549.1.9.1 (RFC 5280 appendix A.1). */
const EMAIL_ADDRESS = '2a864886f70d010901'

/**
 * One string for each RDN: attribute types by octets, text in lower case with white space folded, whatever string type it
 * came in. `undefined` where `der` is no Name.
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
    return `${toHex(contentOf(der, type))}=${canonicalValue(der, value)}`
  })
  if (attributes.length === 0 || attributes.includes(undefined)) return undefined
  return attributes.sort().join('+')
}

function canonicalValue(der: Uint8Array, value: Element): string {
  const text = textOf(der, value)
  // JSON keeps a value that holds `+` or `=` from looking like two attributes.
  if (text !== undefined) return JSON.stringify(text.trim().replace(/\s+/g, ' ').toLowerCase())
  return `#${toHex(octetsOf(der, value))}`
}

/** `undefined` where it is no text, or none that can be read: it is then compared by octets. */
function textOf(der: Uint8Array, value: Element): string | undefined {
  const octets = contentOf(der, value)
  try {
    if (value.tag === BMP_STRING) return UTF16.decode(octets)
    return TEXT_TAGS.has(value.tag) ? UTF8.decode(octets) : undefined
  } catch {
    return undefined
  }
}
