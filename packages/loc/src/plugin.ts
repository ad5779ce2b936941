/** The plugin `loc`: prefers brokers near the client, by the LOC records that they publish. */
import { InvalidOptionError, type Plugin } from '@portolan/core'
import type { LocFact } from './fact.ts'
import { type Found, findLoc } from './find.ts'
import { placeOf } from './place.ts'
import { type LocPolicy, preferenceOf } from './policy.ts'
import { checkedPosition, type Position } from './position.ts'

export interface LocOptions {
  /**
   * Where the client is. A function is asked once for each discovery, for what moves; it returns `undefined` while the
   * place is not known. It never leaves the device.
   */
  readonly near: Position | (() => Position | undefined)
  /** Default `bands`. */
  readonly policy?: LocPolicy | undefined
  /** Width of a band, and the distance at which gravity quarters a weight. Default 200,000, at least 1,000, at most 20,100,000. */
  readonly bandMetres?: number | undefined
}

/** What is learnt once for all targets. */
export interface LocServiceFact {
  readonly near: Position | string
  /** LOC at the service name. */
  readonly place: Found
}

/** For a caller that is not core and skips `inspectService`. */
const NOT_INSPECTED: LocServiceFact = {
  near: 'nobody asked where the client is',
  place: { kind: 'unusable', reason: 'lookup-failed', detail: 'nobody asked for LOC at the service name' },
}
const BAND_METRES = { default: 200_000, min: 1_000, max: 20_100_000 } as const
const POLICIES: readonly LocPolicy[] = ['bands', 'nearest', 'gravity']

/**
 * Ranks the targets of each SRV priority by distance (RFC 1876 for the records, docs/profile.md for the rules). It never
 * strikes a target out: a LOC that is missing, unreadable, unproved or bogus only makes a place unknown.
 * @throws InvalidOptionError
 */
export function loc({
  near,
  policy = 'bands',
  bandMetres = BAND_METRES.default,
}: LocOptions): Plugin<'loc', LocFact, LocServiceFact> {
  if (!POLICIES.includes(policy)) {
    throw new InvalidOptionError('policy', `${JSON.stringify(policy)} is none of ${POLICIES.join(', ')}`)
  }
  if (!(bandMetres >= BAND_METRES.min && bandMetres <= BAND_METRES.max)) {
    throw new InvalidOptionError('bandMetres', `${bandMetres} is not from ${BAND_METRES.min} to ${BAND_METRES.max}`)
  }
  const whereabouts = typeof near === 'function' ? () => currentPosition(near) : fixedPosition(near)
  return {
    name: 'loc',
    async inspectService({ name }, { lookup, signal }) {
      const here = whereabouts() // once, so that one plan is measured from one place
      return { near: here, place: await findLoc(lookup, name, signal) }
    },
    async inspect({ host, service }, serviceFact, { lookup, signal }) {
      const [target, { near, place } = NOT_INSPECTED] = await Promise.all([findLoc(lookup, host, signal), serviceFact])
      return placeOf({ near, target, service: place, srvIsSecure: service.proof.security === 'secure' })
    },
    prefer: (fact) => preferenceOf(fact, policy, bandMetres),
  }
}

function fixedPosition(near: Position): () => Position {
  const position = checkedPosition('near', near)
  return () => position
}

/** A receiver that fails or lies costs the ranking, never the connection. */
function currentPosition(near: () => Position | undefined): Position | string {
  try {
    const position = near()
    return position === undefined ? 'the position is not known at the moment' : checkedPosition('near', position)
  } catch (error) {
    return `the position cannot be had: ${error instanceof Error ? error.message : String(error)}`
  }
}
