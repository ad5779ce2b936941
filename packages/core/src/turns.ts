/** The next turn of the event loop, by timers, which every platform has. */

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
