/** How far apart two places are, along the surface of the WGS 84 ellipsoid. */
import { getDistance, getPreciseDistance } from 'geolib'
import type { Position } from './position.ts'

/** Metres between two places, altitude left aside. Both must be within ±90° and ±180°. */
export function distanceMetres(from: Position, to: Position): number {
  const start = { latitude: from.latitude, longitude: from.longitude }
  const end = { latitude: to.latitude, longitude: to.longitude }
  // Vincenty's formula doesn't converge for places nearly opposite each other; the sphere's is off by 0.7 % at most.
  const precise = getPreciseDistance(start, end)
  return Number.isFinite(precise) ? precise : getDistance(start, end)
}
