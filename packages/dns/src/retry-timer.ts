/** When to ask again: a timer that follows the measured round trips (RFC 6298 §2). */

/** Before anything was measured, in milliseconds. RFC 6298 has 1 s for a stream; a lost question costs a user this much. */
const FIRST_MS = 400
/** Below it, jitter of a busy machine passes for loss. */
const MIN_MS = 50
const MAX_MS = 3_000
/** What RFC 6298 §2.3 calls G: how far one round trip may differ from the next without meaning anything. */
const GRANULARITY_MS = 25

export interface RetryTimer {
  /** Milliseconds to wait after the try of that number, from 0: doubled with each (RFC 6298 §5.5). */
  timeoutMs(tries: number): number
  /** Notes a round trip. Each try has its own id, so that late answers count right (what Karn's rule is for, §3). */
  observe(roundTripMs: number): void
}

export function retryTimer(): RetryTimer {
  let smoothedMs: number | undefined
  let variationMs = 0
  return {
    timeoutMs(tries) {
      const base = smoothedMs === undefined ? FIRST_MS : smoothedMs + Math.max(GRANULARITY_MS, 4 * variationMs)
      return Math.min(MAX_MS, Math.max(MIN_MS, base) * 2 ** tries)
    },
    observe(roundTripMs) {
      if (smoothedMs === undefined) {
        smoothedMs = roundTripMs
        variationMs = roundTripMs / 2
        return
      }
      variationMs = 0.75 * variationMs + 0.25 * Math.abs(smoothedMs - roundTripMs)
      smoothedMs = 0.875 * smoothedMs + 0.125 * roundTripMs
    },
  }
}
