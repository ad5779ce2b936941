/** How long a discovery of a thousand targets holds the event loop at a time, beside the bare questions on the same machine. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startDelayedServer } from './delayed.mjs'
import { median } from './median.mjs'

const TARGETS = 1_000
const ROUND_TRIP_MS = 50
const WARM_UPS = 2
const REPEATS = 5
const WAYS = {
  discovery: 'a discovery',
  bare: 'the bare questions',
  validator: 'the validator alone',
  burst: 'the same, asked in one turn',
}

export async function printEventLoop() {
  console.log(`Event loop: ${TARGETS} targets, round trip ${ROUND_TRIP_MS} ms, median of ${REPEATS}, milliseconds`)
  console.log(
    '  held at a time:                              middle    99 %   most   and not waiting for a processor: 99 %   most',
  )
  const server = await startDelayedServer(ROUND_TRIP_MS, [TARGETS])
  try {
    for (const [way, what] of Object.entries(WAYS)) {
      const warm = await runs(way, WARM_UPS + REPEATS, server)
      print(`${what}, after ${WARM_UPS}`, warm.slice(WARM_UPS))
    }
    for (const [way, what] of Object.entries(WAYS)) {
      const cold = []
      for (let i = 0; i < REPEATS; i++) cold.push(...(await runs(way, 1, server)))
      print(`${what}, new process`, cold)
    }
  } finally {
    server.stop()
  }
}

/** So many, one after the other, in a process of their own. */
function runs(way, count, { delayed, trustAnchors }) {
  const script = fileURLToPath(new URL('./event-loop-run.mjs', import.meta.url))
  const child = fork(script, [JSON.stringify({ way, count, targets: TARGETS, delayed, trustAnchors })], {
    execArgv: ['--expose-gc'],
  })
  return new Promise((done, fail) => {
    child.once('message', (measured) => {
      child.disconnect()
      done(measured)
    })
    child.once('exit', (code) => fail(new Error(`measuring ${way} ended with ${code}`)))
  })
}

function print(what, measured) {
  const column = (figure, width) => median(measured.map(figure)).toFixed(1).padStart(width)
  const held = [0.5, 0.99, 1].map((share, i) => column((run) => at(share, run.heldMs), [9, 8, 7][i])).join('')
  const working = [0.99, 1].map((share, i) => column((run) => at(share, run.workingMs), [39, 7][i])).join('')
  console.log(`    ${what.padEnd(40)}${held}${measured[0].workingMs.length > 0 ? working : ''}`)
}

function at(share, values) {
  return values.toSorted((a, b) => a - b).at(Math.ceil(share * values.length) - 1)
}
