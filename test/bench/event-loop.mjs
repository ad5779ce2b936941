/** How long a discovery of a thousand targets holds the event loop at a time, and what part of that is garbage collection. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
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
      `  held at a time: ${ms((run) => run.half)} in the middle, ${ms((run) => run.p99)} at the 99th percentile`,
    )
    console.log(
      `  longest: ${ms((run) => run.longest)}, longest garbage collection in it: ${ms((run) => run.collection)}`,
    )
  } finally {
    server.stop()
  }
}

async function measured({ delayed, trustAnchors }) {
  const lookup = composeLookup({ servers: [delayed], trustAnchors })
  let collection = 0
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collection = Math.max(collection, duration)
  })
  collections.observe({ entryTypes: ['gc'] })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  try {
    const { candidates } = await discover(`s${TARGETS}.test`, { near, dane: 'report', lookup })
    if (candidates.length !== TARGETS) throw new Error(`${candidates.length} candidates`)
  } finally {
    delay.disable()
    lookup.close()
  }
  // Collections are told of a turn later.
  await new Promise((resolve) => setTimeout(resolve, 20))
  collections.disconnect()
  const ms = (nanoseconds) => nanoseconds / 1e6
  return { half: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), longest: ms(delay.max), collection }
}
