/** The order in which one candidate's addresses are tried (RFC 8305 §4). */
import type { Address } from '@portolan/core'

/**
 * Families take turns, IPv6 first; inside a family the order in which they came. RFC 6724 cannot be asked for here: Node
 * shows no routing table, so the race itself finds out which family works.
 */
export function interleaved(addresses: readonly Address[]): readonly Address[] {
  const six = addresses.filter(({ family }) => family === 6)
  const four = addresses.filter(({ family }) => family === 4)
  const pairs = Array.from({ length: Math.max(six.length, four.length) }, (_, i) => [six[i], four[i]])
  return pairs.flat().filter((address) => address !== undefined)
}
