/**
 * The DS of zones, for as long as what proved them vouches for them. Until then nothing counts against one that was not signed
 * later: a denial of the DS, or another DS, may be one from before, replayed.
 */
import { isAtOrBelow, type Name, type Rrset, selfAndAncestors } from '@portolan/core'
import { serialDifference } from './clock.ts'
import type { Verified } from './verify.ts'

export interface ProvedDs {
  readonly rrset: Rrset
  readonly verified: Verified
}

export interface SignedZones {
  /** For so long from now on. */
  add(zone: Name, ds: ProvedDs, lifetimeMs: number): void
  get(zone: Name): { readonly ds: ProvedDs; readonly lifetimeMs: number } | undefined
  /** Whether there is one for a zone below `zone`, at or above `name`, against which nothing counts of that inception. */
  hasBelow(zone: Name, name: Name, inception?: number): boolean
}

const MAX_ZONES = 8_192

export function signedZones(elapsedMs: () => number): SignedZones {
  const zones = new Map<Name, { readonly ds: ProvedDs; readonly endsAtMs: number }>()
  const get: SignedZones['get'] = (zone) => {
    const known = zones.get(zone)
    if (known === undefined) return undefined
    const lifetimeMs = known.endsAtMs - elapsedMs()
    if (lifetimeMs >= 0) return { ds: known.ds, lifetimeMs }
    zones.delete(zone)
    return undefined
  }
  return {
    add(zone, ds, lifetimeMs) {
      zones.delete(zone)
      zones.set(zone, { ds, endsAtMs: elapsedMs() + lifetimeMs })
      const [oldest] = zones.keys()
      if (zones.size > MAX_ZONES && oldest !== undefined) zones.delete(oldest)
    },
    get,
    hasBelow: (zone, name, inception) =>
      selfAndAncestors(name).some((at) => {
        const kept = at !== zone && isAtOrBelow(at, zone) ? get(at)?.ds : undefined
        return kept !== undefined && (inception === undefined || !isSignedSince(kept, inception))
      }),
  }
}

/** Whether something of that inception was signed after the DS. */
export function isSignedSince({ verified }: ProvedDs, inception: number): boolean {
  return serialDifference(inception, verified.rrsig.inception) > 0
}

/** Of what several records prove together. */
export function firstInception(records: readonly { readonly verified: Verified }[]): number {
  return records
    .map(({ verified }) => verified.rrsig.inception)
    .reduce((first, one) => (serialDifference(one, first) < 0 ? one : first))
}
