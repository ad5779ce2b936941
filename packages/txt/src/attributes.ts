/** `key=value` attributes in the strings of a TXT record, as DNS-SD has them (RFC 6763 §6.3–6.5). */
import type { Txt } from './txt.ts'

export interface Attribute {
  /** Lower case: case is ignored in keys (§6.4). */
  readonly key: string
  /** Any octets; `undefined` where there is no `=`, which is not the same as an empty value. */
  readonly value: Uint8Array | undefined
}

const EQUALS_SIGN = 0x3d

/** The attribute in one string; `undefined` where §6.4 says to ignore it: the key is missing or not printable ASCII. */
export function attributeOf(string: Uint8Array): Attribute | undefined {
  const sign = string.indexOf(EQUALS_SIGN)
  const keyOctets = sign === -1 ? string : string.subarray(0, sign)
  if (keyOctets.length === 0 || keyOctets.some((octet) => octet < 0x20 || octet > 0x7e)) return undefined
  const key = Array.from(keyOctets, (octet) => String.fromCharCode(octet))
    .join('')
    .toLowerCase()
  return { key, value: sign === -1 ? undefined : string.subarray(sign + 1) }
}

/** All attributes of a record by key; of several with one key only the first counts (§6.4). */
export function attributesOf(strings: Txt): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>()
  for (const attribute of strings.map(attributeOf)) {
    if (attribute !== undefined && !attributes.has(attribute.key)) attributes.set(attribute.key, attribute)
  }
  return attributes
}
