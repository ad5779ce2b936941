/** Replies come in bursts: what reads them does so for a millisecond in each turn of the event loop, and no longer. */

/** How long reading may hold the event loop, in milliseconds, but for the one reply at hand. */
const HOLD_MS = 1
/** Read one after the other in a turn, microtasks in between: what a reply sets off counts as its reading. */
const MAX_PER_TURN = 16

/** Does it now or, where this turn has read for long enough, after what waits already. */
export type InTurn = (read: () => void) => void

export function readingInTurns(monotonicNow: () => number): InTurn {
  const line: (() => void)[] = []
  let beganAtMs: number | undefined
  const hasTime = () => {
    const nowMs = monotonicNow()
    if (beganAtMs === undefined) {
      beganAtMs = nowMs
      setImmediate(endTurn)
    }
    return nowMs - beganAtMs < HOLD_MS
  }
  const endTurn = () => {
    beganAtMs = undefined
    for (let i = Math.min(line.length, MAX_PER_TURN); i > 0; i--) setImmediate(readNext)
  }
  const readNext = () => {
    if (line.length > 0 && hasTime()) line.shift()?.()
  }
  return (read) => {
    if (line.length === 0 && hasTime()) read()
    else line.push(read)
  }
}
