/** Zones that a proved DS says to be signed, while that proof lasts: a denial of the DS, which may be replayed, does not overrule it. */
import type { Name } from '@portolan/core'

export interface SignedZones {
  add(zone: Name, untilMs: number): void
  has(zone: Name, nowMs: number): boolean
}

const MAX_ZONES = 8_192

export function signedZones(): SignedZones {
  const zones = new Map<Name, number>()
  return {
    add(zone, untilMs) {
      zones.delete(zone)
      zones.set(zone, untilMs)
      const [oldest] = zones.keys()
      if (zones.size > MAX_ZONES && oldest !== undefined) zones.delete(oldest)
    },
    has: (zone, nowMs) => (zones.get(zone) ?? -Infinity) >= nowMs,
  }
}
