/** The type bit maps of NSEC and NSEC3 (RFC 4034 §4.1.2, RFC 5155 §3.2.1). */
import { MalformedRecordError } from '@portolan/core'

const WINDOW_OCTETS = 32

/**
 * Reads the windows that fill rdata from `offset` to its end. An empty map is allowed: NSEC3 of an empty non-terminal has one.
 * @throws MalformedRecordError for windows out of order, empty or longer than 32 octets
 */
export function decodeTypeBitmap(mnemonic: string, rdata: Uint8Array, offset: number): ReadonlySet<number> {
  const types = new Set<number>()
  let previousWindow = -1
  let at = offset
  while (at < rdata.length) {
    const window = rdata[at] as number
    const length = rdata[at + 1] ?? 0
    if (window <= previousWindow) throw new MalformedRecordError(mnemonic, `window ${window} after ${previousWindow}`)
    if (length === 0 || length > WINDOW_OCTETS || at + 2 + length > rdata.length) {
      throw new MalformedRecordError(mnemonic, `window ${window} has ${length} octets`)
    }
    for (let octet = 0; octet < length; octet++) {
      const bits = rdata[at + 2 + octet] as number
      for (let bit = 0; bit < 8; bit++) {
        if ((bits & (0x80 >> bit)) !== 0) types.add(window * 256 + octet * 8 + bit)
      }
    }
    previousWindow = window
    at += 2 + length
  }
  return types
}

/** The shortest windows that hold these types, in ascending order. */
export function encodeTypeBitmap(types: Iterable<number>): Uint8Array {
  const windows = new Map<number, Uint8Array>()
  for (const type of [...types].sort((a, b) => a - b)) {
    const bits = windows.get(type >> 8) ?? new Uint8Array(WINDOW_OCTETS)
    windows.set(type >> 8, bits)
    const octet = (type & 0xff) >> 3
    bits[octet] = (bits[octet] as number) | (0x80 >> (type & 7))
  }
  return Uint8Array.from(
    [...windows].flatMap(([window, bits]) => {
      const length = bits.findLastIndex((octet) => octet !== 0) + 1
      return [window, length, ...bits.subarray(0, length)]
    }),
  )
}
