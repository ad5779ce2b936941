/** How distance orders the targets of one SRV priority: each policy speaks of one candidate, core alone orders. */
import type { Preference } from '@portolan/core'
import type { Located, LocFact } from './fact.ts'

/**
 * `bands`: nearer bands first, weight rules within one. `nearest`: by distance alone. `gravity`: one draw, in which
 * weight falls with the square of the distance. With all, places not known come after those known.
 */
export type LocPolicy = 'bands' | 'nearest' | 'gravity'

/** Weights are whole numbers in the draw, so gravity scales them up before it lets them fall. */
const GRAVITY_RESOLUTION = 10_000

export function preferenceOf(fact: LocFact, policy: LocPolicy, bandMetres: number): Preference {
  if (fact.status === 'absent') return last('no LOC')
  if (fact.status === 'unknown') return last(`place unknown (${fact.reason})`)
  const doubtMetres = fact.position.accuracy ?? 0
  const widthMetres = bandWidth(fact, bandMetres)
  // A place known less well than a band is wide says nothing about which band it is in.
  if (doubtMetres > widthMetres) return last(`place known only within ${kilometres(doubtMetres)}`)
  return PREFERENCES[policy](fact, widthMetres)
}

const PREFERENCES: Readonly<Record<LocPolicy, (fact: Located, widthMetres: number) => Preference>> = {
  bands({ distanceMetres }, widthMetres) {
    const tier = Math.floor(distanceMetres / widthMetres)
    const from = kilometreCount(tier * widthMetres)
    const to = kilometreCount((tier + 1) * widthMetres)
    return { tier, weightFactor: 1, because: `${kilometres(distanceMetres)}, band ${from}–${to} km` }
  },
  nearest({ distanceMetres }) {
    return { tier: distanceMetres, weightFactor: 1, because: kilometres(distanceMetres) }
  },
  gravity({ distanceMetres }, widthMetres) {
    const factor = 1 / (1 + distanceMetres / widthMetres) ** 2
    const because = `${kilometres(distanceMetres)}, weight × ${factor.toPrecision(2)}`
    return { tier: 0, weightFactor: factor * GRAVITY_RESOLUTION, because }
  },
}

/** Differences smaller than the doubt about the client's own place mean nothing, so no band is narrower than that circle. */
function bandWidth({ nearAccuracyMetres }: Located, bandMetres: number): number {
  return Math.max(bandMetres, 2 * nearAccuracyMetres)
}

function last(because: string): Preference {
  return { tier: Infinity, weightFactor: 1, because }
}

function kilometres(metres: number): string {
  return `${kilometreCount(metres)} km`
}

function kilometreCount(metres: number): number {
  return metres < 10_000 ? Math.round(metres / 100) / 10 : Math.round(metres / 1000)
}
