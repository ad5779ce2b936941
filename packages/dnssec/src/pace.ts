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
  const underWay = new Set<Waiter>()
  const beginning = new Set<Waiter>()
  let heldSinceMs = -Infinity
  let isRunning = false
  const isFresh = () => {
    const heldMs = monotonicNow() - heldSinceMs
    return heldMs >= 0 && heldMs < HOLD_MS
  }
  const run = async () => {
    isRunning = true
    try {
      while (underWay.size > 0 || beginning.size > 0) {
        if (!isFresh()) {
          await nextTurn()
          heldSinceMs = monotonicNow()
        }
        goOn(underWay.size > 0 ? underWay : beginning)
        // Lets the piece be done.
        await undefined
      }
    } catch (error) {
      // The clock that was given has failed: nobody may wait for ever.
      for (const { reject } of [...underWay, ...beginning]) reject(error)
      underWay.clear()
      beginning.clear()
    } finally {
      isRunning = false
    }
  }
  const inLine = (line: Set<Waiter>) =>
    new Promise<void>((resolve, reject) => {
      line.add({ resolve, reject })
      if (!isRunning) void run()
    })
  return { next: () => inLine(underWay), begin: () => inLine(beginning) }
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

function goOn(line: Set<Waiter>): void {
  const [first] = line
  if (first === undefined) return
  line.delete(first)
  first.resolve()
}
