/** LOC: where a host, network or service lies (RFC 1876). */
import { MalformedRecordError, type RecordType } from '@portolan/core'
import { metresOfOctet, octetOfMetres } from './magnitude.ts'
import type { Position } from './position.ts'

export interface Loc {
  /** Degrees north, −90 to 90; steps of a thousandth of an arc second, some 3 cm. */
  readonly latitude: number
  /** Degrees east, −180 to 180. */
  readonly longitude: number
  /** Above the WGS 84 ellipsoid, −100,000 to 42,849,672.95. */
  readonly altitudeMetres: number
  /** Diameter of the sphere around what the record speaks of. */
  readonly sizeMetres: number
  /** Diameter, not radius, of the circle of error. */
  readonly horizontalPrecisionMetres: number
  /** The whole vertical error, not plus or minus. */
  readonly verticalPrecisionMetres: number
}

const MILLIARCSECONDS_PER_DEGREE = 3_600_000
const ORIGIN = 2 ** 31
const ALTITUDE_BASE_METRES = 100_000

/**
 * RFC 1876 §2, sixteen octets:
 *
 *      0        VERSION         SIZE
 *      2        HORIZ PRE       VERT PRE
 *      4        LATITUDE, thousandths of an arc second from 2^31 at the equator
 *      8        LONGITUDE, from 2^31 at the prime meridian
 *     12        ALTITUDE, centimetres above −100 km
 */
export const LOC: RecordType<Loc> = {
  mnemonic: 'LOC',
  code: 29,
  decode(rdata) {
    const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
    // Version first: nothing may be assumed about the length of another one (RFC 1876 §2).
    if (rdata.length > 0 && field.getUint8(0) !== 0) {
      throw new MalformedRecordError('LOC', `version ${field.getUint8(0)}, expected 0`)
    }
    if (rdata.length !== 16) throw new MalformedRecordError('LOC', `${rdata.length} octets, expected 16`)
    return {
      sizeMetres: metresOfOctet('size', field.getUint8(1)),
      horizontalPrecisionMetres: metresOfOctet('horizontal precision', field.getUint8(2)),
      verticalPrecisionMetres: metresOfOctet('vertical precision', field.getUint8(3)),
      latitude: degrees('latitude', field.getUint32(4) - ORIGIN, 90),
      longitude: degrees('longitude', field.getUint32(8) - ORIGIN, 180),
      altitudeMetres: (field.getUint32(12) - ALTITUDE_BASE_METRES * 100) / 100,
    }
  },
  encode(loc) {
    const rdata = new Uint8Array(16)
    const field = new DataView(rdata.buffer)
    field.setUint8(1, octetOfMetres('size', loc.sizeMetres))
    field.setUint8(2, octetOfMetres('horizontal precision', loc.horizontalPrecisionMetres))
    field.setUint8(3, octetOfMetres('vertical precision', loc.verticalPrecisionMetres))
    field.setUint32(4, ORIGIN + milliarcseconds('latitude', loc.latitude, 90))
    field.setUint32(8, ORIGIN + milliarcseconds('longitude', loc.longitude, 180))
    field.setUint32(12, centimetresAboveBase(loc.altitudeMetres))
    return rdata
  },
}

/** The place that a record names, its accuracy a radius: half of the diameter that RFC 1876 §2 has. */
export function positionOf(loc: Loc): Position {
  return {
    latitude: loc.latitude,
    longitude: loc.longitude,
    altitude: loc.altitudeMetres,
    accuracy: loc.horizontalPrecisionMetres / 2,
  }
}

function degrees(field: string, milliarcseconds: number, limitDegrees: number): number {
  const value = milliarcseconds / MILLIARCSECONDS_PER_DEGREE
  if (Math.abs(value) > limitDegrees) {
    throw new MalformedRecordError('LOC', `${field} ${value}° is not within ±${limitDegrees}°`)
  }
  return value
}

function milliarcseconds(field: string, value: number, limitDegrees: number): number {
  if (!(Math.abs(value) <= limitDegrees)) {
    throw new MalformedRecordError('LOC', `${field} ${value}° is not within ±${limitDegrees}°`)
  }
  return Math.round(value * MILLIARCSECONDS_PER_DEGREE)
}

function centimetresAboveBase(altitudeMetres: number): number {
  const centimetres = Math.round((altitudeMetres + ALTITUDE_BASE_METRES) * 100)
  if (!(centimetres >= 0 && centimetres <= 0xffff_ffff)) {
    throw new MalformedRecordError('LOC', `altitude ${altitudeMetres} m, expected −100000 to 42849672.95`)
  }
  return centimetres
}
