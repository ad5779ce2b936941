/** SIZE, HORIZ PRE and VERT PRE: a length as one decimal digit and a power of ten, in one octet (RFC 1876 §2). */
import { MalformedRecordError } from '@portolan/core'

export const MAX_MAGNITUDE_METRES = 90_000_000

/**
 * Reads such an octet: high four bits times ten to the power of the low four, in centimetres. Values above nine are
 * undefined, as is a zero with an exponent.
 * @throws MalformedRecordError
 */
export function metresOfOctet(field: string, octet: number): number {
  const digit = octet >> 4
  const exponent = octet & 0x0f
  if (digit > 9 || exponent > 9 || (digit === 0 && exponent > 0)) {
    throw new MalformedRecordError('LOC', `${field} 0x${octet.toString(16).padStart(2, '0')} is undefined`)
  }
  return (digit * 10 ** exponent) / 100
}

/**
 * The octet for a length. What the one digit can't hold is cut off, as RFC 1876 appendix A and name servers do: 12 m is 10 m.
 * @throws MalformedRecordError
 */
export function octetOfMetres(field: string, metres: number): number {
  if (!(metres >= 0 && metres <= MAX_MAGNITUDE_METRES)) {
    throw new MalformedRecordError('LOC', `${field} of ${metres} m, expected 0 to ${MAX_MAGNITUDE_METRES}`)
  }
  const centimetres = Math.round(metres * 100)
  if (centimetres === 0) return 0
  const exponent = String(centimetres).length - 1
  return (Math.floor(centimetres / 10 ** exponent) << 4) | exponent
}
