/**
 * The DS of zones, for as long as what proved them vouches for them: as in any cache such a zone is signed until then,
 * whatever is said of it meanwhile. A denial of the DS may be one from before the zone was signed, replayed.
 */
import type { Name, Rrset } from '@portolan/core'

export interface SignedZones {
  /** For so long from now on. */
  add(zone: Name, ds: Rrset, lifetimeMs: number): void
  get(zone: Name): { readonly ds: Rrset; readonly lifetimeMs: number } | undefined
}

const MAX_ZONES = 4_096

export function signedZones(elapsedMs: () => number): SignedZones {
  const zones = new Map<Name, { readonly ds: Rrset; readonly endsAtMs: number }>()
  return {
    add(zone, ds, lifetimeMs) {
      zones.delete(zone)
      zones.set(zone, { ds, endsAtMs: elapsedMs() + lifetimeMs })
      const [oldest] = zones.keys()
      if (zones.size > MAX_ZONES && oldest !== undefined) zones.delete(oldest)
    },
    get(zone) {
      const known = zones.get(zone)
      const lifetimeMs = known === undefined ? -1 : known.endsAtMs - elapsedMs()
      return known === undefined || lifetimeMs < 0 ? undefined : { ds: known.ds, lifetimeMs }
    },
  }
}
