/** Distinguished names in a form in which equal ones are equal strings (RFC 5280 §7.1). */
import { contentOf, type Element, elementsIn, octetsOf, TAG, toHex, wholeElement } from './der.ts'

/** UTF8String, NumericString, PrintableString, T61String, IA5String, VisibleString: one octet an ASCII letter. */
const TEXT_TAGS: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a])
const UTF8 = new TextDecoder('utf-8', { fatal: true })

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
  const octets = contentOf(der, value)
  if (TEXT_TAGS.has(value.tag)) {
    try {
      // JSON keeps a value that holds `+` or `=` from looking like two attributes.
      return JSON.stringify(UTF8.decode(octets).trim().replace(/\s+/g, ' ').toLowerCase())
    } catch {
      // Not UTF-8: compared by octets.
    }
  }
  return `#${toHex(octetsOf(der, value))}`
}
