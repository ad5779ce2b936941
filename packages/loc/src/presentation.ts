/** LOC as zone files write it (RFC 1876 §3): `42 21 54 N 71 06 18 W -24m 30m`. */
import { MalformedRecordError } from '@portolan/core'
import { LOC, type Loc } from './loc.ts'
import { MAX_MAGNITUDE_METRES } from './magnitude.ts'

/** What stands for sizes and precisions that are left out: about the area of a postal code (RFC 1876 §3). */
const DEFAULT_SIZE_METRES = 1
const DEFAULT_HORIZONTAL_PRECISION_METRES = 10_000
const DEFAULT_VERTICAL_PRECISION_METRES = 10

/**
 * Reads the rdata of a LOC record in presentation form. Lengths keep one significant digit, as on the wire.
 * @throws MalformedRecordError
 */
export function parseLoc(text: string): Loc {
  const words = text.trim().split(/\s+/)
  const latitude = takeAngle(words, 'latitude', 90, ['N', 'S'])
  const longitude = takeAngle(words, 'longitude', 180, ['E', 'W'])
  const altitudeMetres = metres('altitude', words.shift(), -100_000, 42_849_672.95)
  const length = (field: string, ifOmitted: number) =>
    words.length === 0 ? ifOmitted : metres(field, words.shift(), 0, MAX_MAGNITUDE_METRES)
  const sizeMetres = length('size', DEFAULT_SIZE_METRES)
  const horizontalPrecisionMetres = length('horizontal precision', DEFAULT_HORIZONTAL_PRECISION_METRES)
  const verticalPrecisionMetres = length('vertical precision', DEFAULT_VERTICAL_PRECISION_METRES)
  if (words.length > 0) throw new MalformedRecordError('LOC', `${quoted(words.join(' '))} is too much`)
  const loc = {
    latitude,
    longitude,
    altitudeMetres,
    sizeMetres,
    horizontalPrecisionMetres,
    verticalPrecisionMetres,
  }
  return LOC.decode(LOC.encode(loc)) // what the wire can hold of it
}

/**
 * Writes a LOC record's rdata as dig and named do: seconds with three decimals, each field written out.
 * @throws MalformedRecordError for a value that no record holds
 */
export function formatLoc(loc: Loc): string {
  const { latitude, longitude, altitudeMetres, ...lengths } = LOC.decode(LOC.encode(loc))
  return [
    angle(latitude, 'N', 'S'),
    angle(longitude, 'E', 'W'),
    `${altitudeMetres.toFixed(2)}m`,
    lengthText(lengths.sizeMetres),
    lengthText(lengths.horizontalPrecisionMetres),
    lengthText(lengths.verticalPrecisionMetres),
  ].join(' ')
}

/** Degrees, minutes and seconds, the last two optional, up to one of two letters. */
function takeAngle(words: string[], field: string, limit: number, [plus, minus]: readonly [string, string]): number {
  const count = words.slice(0, 4).findIndex((word) => word === plus || word === minus)
  if (count < 1) throw new MalformedRecordError('LOC', `no ${field}, expected such as "42 21 54.5 ${plus}"`)
  const [degrees = '', minutes = '0', seconds = '0'] = words.splice(0, count)
  const sign = words.shift() === minus ? -1 : 1
  if (!isUpTo(degrees, /^\d{1,3}$/, limit))
    throw new MalformedRecordError('LOC', `${field} of ${quoted(degrees)} degrees`)
  if (!isUpTo(minutes, /^\d{1,2}$/, 59))
    throw new MalformedRecordError('LOC', `${field} with ${quoted(minutes)} minutes`)
  if (!isUpTo(seconds, /^\d{1,2}(\.\d{1,3})?$/, 59.999)) {
    throw new MalformedRecordError('LOC', `${field} with ${quoted(seconds)} seconds`)
  }
  const milliarcseconds = Number(degrees) * 3_600_000 + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000)
  return (sign * milliarcseconds) / 3_600_000
}

function isUpTo(word: string, form: RegExp, max: number): boolean {
  return form.test(word) && Number(word) <= max
}

function metres(field: string, word: string | undefined, min: number, max: number): number {
  if (word === undefined) throw new MalformedRecordError('LOC', `${field} is missing`)
  const value = /^[+-]?\d{1,8}(\.\d{1,2})?m?$/.test(word) ? Number.parseFloat(word) : Number.NaN
  if (!(value >= min && value <= max)) {
    throw new MalformedRecordError('LOC', `${field} ${quoted(word)}, expected metres from ${min} to ${max}`)
  }
  return value
}

function angle(degrees: number, plus: string, minus: string): string {
  const total = Math.round(Math.abs(degrees) * 3_600_000)
  const seconds = ((total % 60_000) / 1000).toFixed(3)
  return `${Math.floor(total / 3_600_000)} ${Math.floor(total / 60_000) % 60} ${seconds} ${degrees < 0 ? minus : plus}`
}

function lengthText(metresLong: number): string {
  return metresLong < 1 ? `${metresLong.toFixed(2)}m` : `${metresLong}m`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
