/** From what was found to what is known of a target's place: the target's own LOC, else that of the service name. */
import { displayName, type Usable } from '@portolan/core'
import { distanceMetres } from './distance.ts'
import type { Located, LocFact, PlaceUnknown } from './fact.ts'
import type { Found, FoundNone, FoundRecords } from './find.ts'
import { type Loc, positionOf } from './loc.ts'
import type { Position } from './position.ts'

/** RFC 1876 §2 calls this size, wider than the Earth, suitable for "worldwide". */
const WORLDWIDE_METRES = 20_000_000

type Measured = Pick<Located, 'position' | 'distanceMetres'>

export interface PlaceInput {
  /** Where the client is; a string says why that is not known. */
  readonly near: Position | string
  readonly target: Found
  readonly service: Found
  readonly srvIsSecure: boolean
}

/**
 * Only an absence makes way for the service's default: what can't be read or trusted is not "nothing there".
 * A record without proof under proved SRV is not used, else whoever forges it chooses among genuine brokers.
 */
export function placeOf({ near, target, service, srvIsSecure }: PlaceInput): LocFact {
  if (typeof near === 'string') return { status: 'unknown', reason: 'no-position', detail: near }
  if (target.kind !== 'none') return judged(near, 'target', target, srvIsSecure)
  if (service.kind === 'none') {
    const security = weaker(target.security, service.security)
    return { status: 'absent', security, expiresAtMs: Math.min(target.expiresAtMs, service.expiresAtMs) }
  }
  const fact = judged(near, 'service', service, srvIsSecure)
  // The default holds no longer than the target's absence does.
  return fact.status === 'located' ? { ...fact, expiresAtMs: Math.min(fact.expiresAtMs, target.expiresAtMs) } : fact
}

function judged(
  near: Position,
  source: Located['source'],
  found: Exclude<Found, FoundNone>,
  srvIsSecure: boolean,
): Located | PlaceUnknown {
  if (found.kind === 'unusable') return { status: 'unknown', reason: found.reason, detail: found.detail }
  const { owner, security, expiresAtMs } = found
  if (srvIsSecure && security !== 'secure') {
    const detail = `LOC at ${displayName(owner)} is ${security}, while the service's SRV are secure`
    return { status: 'unknown', reason: 'insecure', detail }
  }
  const nearAccuracyMetres = near.accuracy ?? 0
  return { status: 'located', source, owner, ...nearest(near, found), nearAccuracyMetres, security, expiresAtMs }
}

function weaker(a: Usable['security'], b: Usable['security']): Usable['security'] {
  if (a === 'indeterminate' || b === 'indeterminate') return 'indeterminate'
  return a === 'secure' ? b : a
}

/** A name with several LOC records is in each of these places: the nearest counts. */
function nearest(near: Position, { records: [first, ...others] }: FoundRecords): Measured {
  const closer = (a: Measured, b: Measured) => (b.distanceMetres < a.distanceMetres ? b : a)
  return others.map((loc) => measured(near, loc)).reduce(closer, measured(near, first))
}

/** To the edge of the sphere that SIZE describes; a service that says it is worldwide is near everywhere. */
function measured(near: Position, loc: Loc): Measured {
  const position = positionOf(loc)
  if (loc.sizeMetres >= WORLDWIDE_METRES) return { position, distanceMetres: 0 }
  return { position, distanceMetres: Math.max(0, Math.round(distanceMetres(near, position) - loc.sizeMetres / 2)) }
}
