/** Staggered attempts of which the first success wins (RFC 8305 §5). */
import type { Clock } from './clock.ts'

/** "A subsequent connection MUST NOT be started within 10 milliseconds of the previous attempt" (RFC 8305 §5). */
const MIN_APART_MS = 10

export interface RaceOptions {
  readonly clock: Clock
  /** The Connection Attempt Delay of RFC 8305. A failure starts the next attempt sooner. */
  readonly delayMs: number
  readonly signal: AbortSignal
}

export type RaceResult<T, E> =
  | { readonly won: true; readonly value: T; readonly failures: readonly E[] }
  | { readonly won: false; readonly failures: readonly E[] }

/**
 * Starts `attempt` for each entrant, one after the other, until one resolves; the others are aborted through the signal
 * that they were given, and what they may still resolve with goes to `discard`.
 * @param attempt rejects with E, or with anything once its signal aborted
 * @throws the signal's reason
 */
export function race<S, T, E>(
  entrants: readonly S[],
  attempt: (entrant: S, signal: AbortSignal) => Promise<T>,
  discard: (value: T) => void,
  { clock, delayMs, signal }: RaceOptions,
): Promise<RaceResult<T, E>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const failures: E[] = []
    const running = new AbortController()
    let started = 0
    let lastStartMs = 0
    let over = false
    let cancelTimer = () => {}

    const finish = (settle: () => void) => {
      over = true
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      settle()
      running.abort()
    }
    const onAbort = () => finish(() => reject(signal.reason))
    const startNext = () => {
      cancelTimer()
      const entrant = entrants[started]
      if (entrant === undefined) return
      started++
      lastStartMs = clock.now()
      if (started < entrants.length) cancelTimer = clock.after(delayMs, startNext)
      attempt(entrant, running.signal).then(onSuccess, onFailure)
    }
    const onSuccess = (value: T) => {
      if (over) return discard(value)
      finish(() => resolve({ won: true, value, failures }))
    }
    const onFailure = (failure: E) => {
      if (over) return
      failures.push(failure)
      if (failures.length === entrants.length) return finish(() => resolve({ won: false, failures }))
      if (started < entrants.length) {
        cancelTimer()
        cancelTimer = clock.after(Math.max(0, lastStartMs + MIN_APART_MS - clock.now()), startNext)
      }
    }

    signal.addEventListener('abort', onAbort, { once: true })
    if (entrants.length === 0) finish(() => resolve({ won: false, failures }))
    else startNext()
  })
}
