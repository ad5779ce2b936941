/** DER framing (X.690): where elements begin and end, in octets as received. What they mean is read elsewhere (x509.ts). */

/** One element: its tag octet and where it and its content lie. */
export interface Element {
  readonly tag: number
  readonly start: number
  readonly contentStart: number
  readonly end: number
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * The element at `start`, which must end at or before `limit`; `undefined` where the octets are no DER: indefinite or
 * non-minimal lengths (X.690 §10.1), tags of more than one octet (which no certificate has), too few octets.
 */
export function elementAt(octets: Uint8Array, start: number, limit: number = octets.length): Element | undefined {
  const tag = octets[start]
  const first = octets[start + 1]
  if (tag === undefined || first === undefined || start + 2 > limit || (tag & 0x1f) === 0x1f) return undefined
  let length = first
  let contentStart = start + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 3) return undefined
    length = 0
    for (let i = 0; i < count; i++) length = (length << 8) | (octets[contentStart + i] ?? 0)
    contentStart += count
    if (length < 0x80 || length >> (8 * (count - 1)) === 0) return undefined
  }
  const end = contentStart + length
  return end > limit ? undefined : { tag, start, contentStart, end }
}

/** The elements that fill the content of `parent` exactly; `undefined` where they don't. */
export function elementsIn(octets: Uint8Array, parent: Element): readonly Element[] | undefined {
  const elements: Element[] = []
  for (let at = parent.contentStart; at < parent.end; ) {
    const element = elementAt(octets, at, parent.end)
    if (element === undefined) return undefined
    elements.push(element)
    at = element.end
  }
  return elements
}

/** The single element that `octets` are, nothing after it. */
export function wholeElement(octets: Uint8Array, tag: number): Element | undefined {
  const element = elementAt(octets, 0)
  return element?.tag === tag && element.end === octets.length ? element : undefined
}

/** Tag, length and content. */
export function octetsOf(octets: Uint8Array, { start, end }: Element): Uint8Array {
  return octets.subarray(start, end)
}

/** Content alone. */
export function contentOf(octets: Uint8Array, { contentStart, end }: Element): Uint8Array {
  return octets.subarray(contentStart, end)
}

/** Longer ones exist nowhere, and a hostile one would cost the square of its length. */
const MAX_OID_OCTETS = 256

/** Dotted decimal of an OBJECT IDENTIFIER's content (X.690 §8.19); `undefined` where it ends inside a number, or pads one. */
export function oidText(content: Uint8Array): string | undefined {
  if (content.length > MAX_OID_OCTETS) return undefined
  const numbers: bigint[] = []
  let number = 0n
  let isFirst = true
  for (const octet of content) {
    if (isFirst && octet === 0x80) return undefined
    isFirst = octet < 0x80
    number = (number << 7n) | BigInt(octet & 0x7f)
    if (!isFirst) continue
    numbers.push(number)
    number = 0n
  }
  const [first, ...others] = numbers
  if (first === undefined || !isFirst) return undefined
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others].join('.')
}

/** One octet a character: Latin-1, and ASCII where there is nothing else. */
export function latin1Text(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return text
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i])
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}
