/** Lets the event loop turn between pieces of work, however many questions are judged at once. */
import { nextTurn } from '@portolan/core'

/** How long the event loop may be held, in milliseconds, but for the one piece at hand (0.02 to 0.6 ms: RSA, P-384). */
const HOLD_MS = 1

export interface Pace {
  /** Resolves when the caller may do one more piece of work. */
  next(): Promise<void>
}

/**
 * Each waits for the one before, so that waiters do not all run in the same turn. By time, not by number: a turn costs as
 * much as a cheap signature, and pieces differ by thirty times.
 */
export function pace(monotonicNow: () => number): Pace {
  let tail: Promise<void> = Promise.resolve()
  let heldSinceMs = -Infinity
  const turn = async () => {
    await nextTurn()
    heldSinceMs = monotonicNow()
  }
  return {
    next() {
      tail = tail.then(() => (monotonicNow() - heldSinceMs < HOLD_MS ? undefined : turn()))
      return tail
    },
  }
}
