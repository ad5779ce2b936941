/** Writes DER for tests, true or bent. */

type Part = number | Iterable<number>

/** An element of that tag; its length in the shortest form. */
export function element(tag: number, ...parts: readonly Part[]): readonly number[] {
  const content = parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part]))
  const { length } = content
  if (length < 0x80) return [tag, length, ...content]
  return length < 0x100 ? [tag, 0x81, length, ...content] : [tag, 0x82, length >> 8, length & 0xff, ...content]
}

export const sequence = (...parts: readonly Part[]): readonly number[] => element(0x30, ...parts)

/** Characters as octets. */
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
