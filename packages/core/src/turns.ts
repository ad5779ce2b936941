/** Turns of the event loop by timers, which every platform has. */

/** Resolves in the next turn of the event loop: long work does a piece, and lets others in. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
