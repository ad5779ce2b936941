import type { Packages } from './dnssec-world.d.mts'

export function fuzz(options: {
  readonly count: number
  readonly seed: number
  readonly directory: string
  readonly packages: Packages
  readonly isOurs: (error: unknown) => boolean
}): Promise<{
  readonly mutated: number
  readonly questions: number
  readonly verdicts: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly faults: readonly string[]
}>
