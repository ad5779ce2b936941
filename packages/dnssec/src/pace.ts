/** Lets the event loop turn between pieces of cryptography, however many questions are judged at once. */
import { crypto } from '#crypto'

/** Between 0.02 and 0.6 ms each (RSA, P-384), so a turn stays below a few milliseconds. */
const PIECES_PER_TURN = 4

export interface Pace {
  /** Resolves when the caller may do one more piece of work. */
  next(): Promise<void>
}

/** Each waits for the one before, so that waiters do not all run in the same turn. */
export function pace(): Pace {
  let tail: Promise<void> = Promise.resolve()
  let pieces = 0
  return {
    next() {
      tail = tail.then(() => {
        pieces = (pieces + 1) % PIECES_PER_TURN
        return pieces === 0 ? crypto.nextTurn() : undefined
      })
      return tail
    },
  }
}
