import type { World } from './dnssec-world.d.mts'

export interface Case {
  readonly id: string
  readonly tags: readonly string[]
  readonly world: World
  /** Not in `disputed`. */
  readonly expect: { readonly security: string; readonly rcode: string }
  /** Only in `repaired`. */
  readonly answer: readonly string[]
  /** Only in `disputed`. */
  readonly recommend: string | null
}
export function readCorpus(directory: string): {
  readonly scored: readonly Case[]
  readonly repaired: readonly Case[]
  readonly disputed: readonly Case[]
}
