/** What is learnt about the place of one target. */
import type { Name, Usable } from '@portolan/core'
import type { Position } from './position.ts'

export type LocFact = Located | PlaceAbsent | PlaceUnknown

export interface Located {
  readonly status: 'located'
  /** Whose LOC it is: the target's own, or the service name's, which is the default of the set. */
  readonly source: 'target' | 'service'
  /** Where the record stands, at the end of any aliases. */
  readonly owner: Name
  /** `accuracy` is a radius: half of the record's horizontal precision. */
  readonly position: Position
  /** From the client to the edge of what the record speaks of (its SIZE); 0 inside it. */
  readonly distanceMetres: number
  /** Radius of the doubt about the client's own place; 0 where it gave none. */
  readonly nearAccuracyMetres: number
  readonly security: Usable['security']
  readonly expiresAtMs: number
}

/** Neither the target nor the service name has a LOC record. */
export interface PlaceAbsent {
  readonly status: 'absent'
  /** `secure`: proved. */
  readonly security: Usable['security']
  readonly expiresAtMs: number
}

/**
 * `no-position`: the client does not know where it is. `insecure`: a record without proof, under a service whose SRV are
 * proved. `bogus`, `lookup-failed`, `malformed`: what came, or didn't, instead of a record.
 */
export type UnknownReason = 'no-position' | 'insecure' | 'bogus' | 'lookup-failed' | 'malformed'

export interface PlaceUnknown {
  readonly status: 'unknown'
  readonly reason: UnknownReason
  /** One sentence for people. */
  readonly detail: string
}
