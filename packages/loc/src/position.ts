/** A place on Earth, in the shape of W3C GeolocationCoordinates, so that `position.coords` of a browser fits as it is. */
import { InvalidOptionError } from '@portolan/core'

export interface Position {
  /** Degrees north of the equator (WGS 84), −90 to 90. */
  readonly latitude: number
  /** Degrees east of the prime meridian (WGS 84), −180 to 180. */
  readonly longitude: number
  /** Metres above the ellipsoid. No distance here uses it. */
  readonly altitude?: number | null | undefined
  /** Radius in metres of the circle that the place is in. */
  readonly accuracy?: number | null | undefined
}

/**
 * A position that can be reckoned with.
 * @throws InvalidOptionError
 */
export function checkedPosition(option: string, position: Position): Position {
  const { latitude, longitude, altitude, accuracy } = position
  const check = (name: string, holds: boolean, value: unknown, expected: string) => {
    if (!holds) throw new InvalidOptionError(`${option}.${name}`, `${String(value)} is not ${expected}`)
  }
  check('latitude', isWithin(latitude, 90), latitude, 'within ±90 degrees')
  check('longitude', isWithin(longitude, 180), longitude, 'within ±180 degrees')
  check('altitude', isLeftOut(altitude) || Number.isFinite(altitude), altitude, 'a number of metres')
  check('accuracy', isLeftOut(accuracy) || (Number.isFinite(accuracy) && accuracy >= 0), accuracy, 'a radius in metres')
  return { latitude, longitude, altitude, accuracy }
}

/** Tells apart what is no number too: whoever writes JavaScript may hand over text. */
function isWithin(degrees: number, limit: number): boolean {
  return Number.isFinite(degrees) && Math.abs(degrees) <= limit
}

function isLeftOut(value: number | null | undefined): value is null | undefined {
  return value === undefined || value === null
}
