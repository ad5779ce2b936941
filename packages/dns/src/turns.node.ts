/** Replies come in bursts: each is read in a turn of the event loop of its own, so that no burst holds it for long. */

const line: (() => void)[] = []
let isTaken = false

/** Runs the work at once where this turn had none yet, else after what waits already, one piece a turn. */
export function inTurn(work: () => void): void {
  if (isTaken) {
    line.push(work)
    return
  }
  take(work)
}

function take(work: () => void): void {
  isTaken = true
  setImmediate(takeNext)
  work()
}

function takeNext(): void {
  const next = line.shift()
  if (next === undefined) isTaken = false
  else take(next)
}
