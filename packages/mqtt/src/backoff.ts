/** How long to wait before the next round: full jitter, so that a fleet that fell together does not come back together. */

export interface Backoff {
  /** Ceiling of the first wait. */
  readonly baseMs: number
  /** Ceiling of every wait. */
  readonly maxMs: number
}

/** Beyond this the doubling says nothing new. */
const MAX_DOUBLINGS = 30

/**
 * Uniform between 0 and the ceiling, which doubles with each failed round.
 * @param random uniform in [0, 1)
 */
export function fullJitterMs({ baseMs, maxMs }: Backoff, failedRounds: number, random: number): number {
  return Math.floor(random * Math.min(maxMs, baseMs * 2 ** Math.min(failedRounds, MAX_DOUBLINGS)))
}
