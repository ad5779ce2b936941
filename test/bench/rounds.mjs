/** Round trips that cold questions and discoveries cost, over a testbed behind a delay: wall time divided by the round trip. */
import { A, candidates, parseName } from '@portolan/core'
import { dane } from '@portolan/dane'
import { loc } from '@portolan/loc'
import { txt } from '@portolan/txt'
import { composeLookup, discover } from 'portolan'
import { startDelayedServer } from './delayed.mjs'
import { median } from './median.mjs'

const ROUND_TRIP_MS = 50
const REPEATS = 5
const SIZES = [3, 10, 100]
const near = { latitude: 52.37, longitude: 4.9 }

export async function printRounds() {
  const { delayed, trustAnchors, stop } = await startDelayedServer(ROUND_TRIP_MS, SIZES)
  try {
    console.log(`Rounds: cold, validated, round trip ${ROUND_TRIP_MS} ms, median of ${REPEATS}; wall ÷ round trip`)
    const lookups = [
      ['a secure name', (lookup) => lookup(parseName('plain.fleet.test'), A)],
      ['a CNAME into another zone', (lookup) => lookup(parseName('alias.fleet.test'), A)],
      ...SIZES.map((n) => [
        `discovery of ${n} targets`,
        (lookup) => discover(`s${n}.test`, { near, dane: 'report', lookup }),
      ]),
      ...SIZES.map((n) => [`first candidate of ${n} targets`, (lookup) => first(`s${n}.test`, lookup)]),
    ]
    for (const [what, ask] of lookups) {
      // Twice before: the server signs at the first question, and the code is compiled.
      for (let i = 0; i < 2; i++) await cold(delayed, trustAnchors, ask)
      const walls = []
      for (let i = 0; i < REPEATS; i++) walls.push(await cold(delayed, trustAnchors, ask))
      const wall = median(walls)
      console.log(
        `  ${what.padEnd(34)} ${wall.toFixed(0).padStart(5)} ms   ${(wall / ROUND_TRIP_MS).toFixed(1)} rounds`,
      )
    }
  } finally {
    stop()
  }
}

/** Milliseconds with nothing known and no socket open. */
async function cold(server, trustAnchors, ask) {
  const lookup = composeLookup({ servers: [server], trustAnchors })
  const begin = performance.now()
  try {
    await ask(lookup)
    return performance.now() - begin
  } finally {
    lookup.close()
  }
}

async function first(domain, lookup) {
  const steps = candidates(domain, { lookup, plugins: [loc({ near }), dane({ mode: 'report' }), txt()] })
  await steps.next()
  await steps.return(undefined)
}
