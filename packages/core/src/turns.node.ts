/** Turns of the event loop in Node, where a timer would cost a millisecond. */

/** Resolves in the next turn of the event loop: long work does a piece, and lets others in. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
