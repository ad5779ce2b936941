/** The next turn of the event loop in Node, where a timer would cost a millisecond. */

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
