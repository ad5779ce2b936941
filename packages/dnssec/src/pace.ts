/** Lets the event loop turn between pieces of work, however many questions are judged at once. */
import { nextTurn } from '@portolan/core'

/** How long the event loop may be held, in milliseconds, but for the one piece at hand (0.02 to 0.6 ms: RSA, P-384). */
const HOLD_MS = 1

export interface Pace {
  /** Resolves when the caller may do one more piece of work for a question that is under way. */
  next(): Promise<void>
  /** Resolves when the caller may begin with a question: when none that is under way waits for its next piece. */
  begin(): Promise<void>
}

/**
 * Pieces are done one after the other, so that waiters do not all run in the same turn. By time, not by number: a turn costs
 * as much as a cheap signature, and pieces differ by thirty times. What is under way goes first, because it weighs more than
 * what waits to begin: a collection of garbage copies all of it, and thousands at once would take tens of milliseconds.
 */
export function pace(monotonicNow: () => number): Pace {
  const underWay: (() => void)[] = []
  const beginning: (() => void)[] = []
  let heldSinceMs = -Infinity
  let isRunning = false
  const run = async () => {
    isRunning = true
    while (underWay.length > 0 || beginning.length > 0) {
      if (monotonicNow() - heldSinceMs >= HOLD_MS) {
        await nextTurn()
        heldSinceMs = monotonicNow()
      }
      const goOn = underWay.shift() ?? beginning.shift()
      goOn?.()
      // Lets the piece be done.
      await undefined
    }
    isRunning = false
  }
  const inLine = (line: (() => void)[]) =>
    new Promise<void>((resolve) => {
      line.push(resolve)
      if (!isRunning) void run()
    })
  return { next: () => inLine(underWay), begin: () => inLine(beginning) }
}
