/** How long a discovery of a thousand targets holds the event loop at a time, and what part of that is garbage collection. */
import { readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'
import { composeLookup, discover } from 'portolan'
import { startDelayedServer } from './delayed.mjs'
import { median } from './median.mjs'

const TARGETS = 1_000
const ROUND_TRIP_MS = 50
const REPEATS = 5
const near = { latitude: 52.37, longitude: 4.9 }

export async function printEventLoop() {
  console.log(
    `Event loop: ${TARGETS} targets, round trip ${ROUND_TRIP_MS} ms, median of ${REPEATS} discoveries after two`,
  )
  const server = await startDelayedServer(ROUND_TRIP_MS, [TARGETS])
  try {
    const runs = []
    for (let i = -2; i < REPEATS; i++) {
      const run = await measured(server)
      if (i >= 0) runs.push(run)
    }
    const ms = (figure) => `${median(runs.map(figure)).toFixed(1)} ms`
    console.log(
      `  held at a time: ${ms((run) => run.held.at(0.5))} in the middle, ${ms((run) => run.held.at(0.99))} at the 99th percentile, ${ms((run) => run.held.at(1))} at most`,
    )
    if (waitedMs() !== undefined) {
      console.log(
        `  less the waiting for a processor: ${ms((run) => run.working.at(0.99))} at the 99th percentile, ${ms((run) => run.working.at(1))} at most`,
      )
    }
    console.log(`  longest garbage collection: ${ms((run) => run.collections.at(1))}`)
  } finally {
    server.stop()
  }
}

async function measured({ delayed, trustAnchors }) {
  const lookup = composeLookup({ servers: [delayed], trustAnchors })
  const collections = [0]
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collections.push(duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  const watch = watchEventLoop()
  try {
    const { candidates } = await discover(`s${TARGETS}.test`, { near, dane: 'report', lookup })
    if (candidates.length !== TARGETS) throw new Error(`${candidates.length} candidates`)
    // The last turn is measured by the tick after it; collections are told of a turn later.
    await new Promise((resolve) => setTimeout(resolve, 20))
  } finally {
    watch.stop()
    observer.disconnect()
    lookup.close()
  }
  return { held: watch.held, working: watch.working, collections: distribution(collections) }
}

/** How far apart ticks of a millisecond are, beyond that millisecond; and the same without what the thread waited for a processor. */
function watchEventLoop() {
  const held = []
  const working = []
  let last = { atMs: performance.now(), waitedMs: waitedMs() ?? 0 }
  const tick = () => {
    const now = { atMs: performance.now(), waitedMs: waitedMs() ?? 0 }
    const lateMs = now.atMs - last.atMs - 1
    held.push(Math.max(0, lateMs))
    working.push(Math.max(0, lateMs - (now.waitedMs - last.waitedMs)))
    last = now
    timer = setTimeout(tick, 1)
  }
  let timer = setTimeout(tick, 1)
  return { held: distribution(held), working: distribution(working), stop: () => clearTimeout(timer) }
}

function distribution(values) {
  return { at: (share) => values.toSorted((a, b) => a - b).at(Math.ceil(share * values.length) - 1) ?? 0 }
}

/**
 * How long the main thread was ready to run and had no processor; `undefined` where the system does not say. (The time that
 * it did run, beside it, is counted in steps of 4 ms.)
 */
function waitedMs() {
  try {
    const [, nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return undefined
  }
}
