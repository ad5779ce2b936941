/** Readers of option values: each gives a value, or says in one sentence what was expected. */
import { parseServer, type ServerAddress } from '@portolan/dns'
import type { Position } from '@portolan/loc'
import { InvalidArgumentError } from 'commander'

/** `52.52,13.40`: degrees north and east; south and west are negative. */
export function readPosition(text: string): Position {
  const match = /^\s*([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)\s*$/.exec(text)
  const [latitude, longitude] = [Number(match?.[1]), Number(match?.[2])]
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    throw new InvalidArgumentError(
      'Expected latitude and longitude in degrees, such as 52.52,13.40 (south and west are negative).',
    )
  }
  return { latitude, longitude }
}

/** `HOST`, `HOST:PORT`, `[IPv6]:PORT`; repeated, it collects. HOST is an address: who should resolve the resolver's name? */
export function readResolvers(text: string, before: readonly ServerAddress[] | undefined): readonly ServerAddress[] {
  try {
    return [...(before ?? []), parseServer(text)]
  } catch {
    throw new InvalidArgumentError('Expected an address, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.')
  }
}

/** A whole number of milliseconds, at most an hour. */
export const readMilliseconds: (text: string) => number = wholeNumber('milliseconds', 1, 3_600_000)
export const readSeconds: (text: string) => number = wholeNumber('seconds', 1, 31_536_000)
export const readKeepalive: (text: string) => number = wholeNumber('seconds, or 0 for never', 0, 65_535)
export const readCount: (text: string) => number = wholeNumber('a count', 1, Number.MAX_SAFE_INTEGER)

export function readQos(text: string): 0 | 1 | 2 {
  if (text === '0' || text === '1' || text === '2') return Number(text) as 0 | 1 | 2
  throw new InvalidArgumentError('Expected 0, 1 or 2.')
}

/** Repeated, it collects. */
export function readTopics(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

function wholeNumber(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    throw new InvalidArgumentError(`Expected ${what}, from ${min} to ${max}.`)
  }
}
