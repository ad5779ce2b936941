/** Failure marks per (host, address, port): which ways in to leave alone, why and until when. Immutable. */
import type { Address, Candidate } from '@portolan/core'
import type { Endpoint } from './errors.ts'
import type { Effect } from './reasons.ts'

export interface Mark {
  /** `next`: tried after those without a mark. Every other: not tried while it lasts. */
  readonly effect: Effect
  readonly sinceMs: number
  readonly untilMs: number
}

export type Marks = ReadonlyMap<string, Mark>

export function endpointOf({ target: { host, port } }: Candidate, address: Address): Endpoint {
  return { host, port, address: address.address }
}

export function keyOf({ host, port, address }: Endpoint): string {
  return `${host}|${address}|${port}`
}

export function keysOf(candidate: Candidate): readonly string[] {
  return candidate.addresses.map((address) => keyOf(endpointOf(candidate, address)))
}

/** The mark that still holds; one from the future means that the clock was set back, and would bar for far too long. */
export function markAt(marks: Marks, key: string, nowMs: number): Mark | undefined {
  const mark = marks.get(key)
  return mark !== undefined && mark.sinceMs <= nowMs && nowMs < mark.untilMs ? mark : undefined
}

/** A weaker mark does not shorten a stronger one. */
export function marked(marks: Marks, keys: readonly string[], mark: Mark, nowMs: number): Marks {
  const next = new Map([...marks].filter(([, { untilMs }]) => untilMs > nowMs))
  for (const key of keys) {
    const standing = next.get(key)
    if (standing === undefined || standing.effect === 'next' || isHard(mark)) next.set(key, mark)
  }
  return next
}

/** Whether the endpoint is not to be tried at all while the mark lasts. */
export function isHard({ effect }: Pick<Mark, 'effect'>): boolean {
  return effect !== 'next'
}

/** Whether what we send is at fault, so that going on with the same cannot help. */
export function isOurFault({ effect }: Pick<Mark, 'effect'>): boolean {
  return effect === 'credentials' || effect === 'request'
}
