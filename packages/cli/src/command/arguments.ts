/** Readers of option values: each gives a value, or says in one sentence what was expected. */
import { isIP } from 'node:net'
import type { Position } from '@portolan/loc'
import { InvalidArgumentError } from 'commander'
import type { Server } from '../compose.ts'

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
export function readResolvers(text: string, before: readonly Server[] | undefined): readonly Server[] {
  const { v4, v6, bracketed, digits } = RESOLVER.exec(text)?.groups ?? {}
  const host = v4 ?? v6 ?? bracketed
  const port = digits === undefined ? 53 : Number(digits)
  if (host === undefined || isIP(host) === 0 || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('Expected an address, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.')
  }
  return [...(before ?? []), { host, port }]
}

const RESOLVER = /^(?:(?:(?<v4>[\d.]+)|\[(?<bracketed>[\da-f:.]+)\])(?::(?<digits>\d{1,5}))?|(?<v6>[\da-f:.]+))$/i

/** A whole number of milliseconds. */
export function readMilliseconds(text: string): number {
  const ms = Number(text)
  if (!Number.isInteger(ms) || ms < 1 || ms > 3_600_000) {
    throw new InvalidArgumentError('Expected milliseconds, from 1 to 3600000.')
  }
  return ms
}
