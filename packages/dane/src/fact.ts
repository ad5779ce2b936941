/** What DNS says about a target's certificate: four answers that must never be mistaken for each other, and "nobody judged". */
import type { LookupError, Name, Secure, TlsaState, Unproved } from '@portolan/core'
import type { Tlsa } from './tlsa.ts'
import type { UnusableReason } from './usability.ts'

/** `required`: DANE or nothing. `opportunistic`: DANE where there is, PKIX where there provably is none. `report`: PKIX rules. */
export type DaneMode = 'required' | 'opportunistic' | 'report'

interface Asked {
  readonly mode: DaneMode
  /** Where TLSA were looked for last: `_8883._tcp.mqtt1.fleet.example.` */
  readonly owner: Name
  /** Until when this holds, milliseconds since 1970; `Infinity` where nothing was asked. */
  readonly expiresAtMs: number
}

/** Proved records. Whether any of them is usable: `usable`. */
export interface SecurePresent extends Asked {
  readonly state: 'secure-present'
  /** TLSA base domain (RFC 7671 §7). */
  readonly base: Name
  readonly records: readonly Tlsa[]
  /** How many of them count for a client with these settings. */
  readonly usable: number
  /** The others, with why. */
  readonly unusable: readonly { readonly record: Tlsa; readonly reason: UnusableReason }[]
  readonly proof: Secure
}

/** Proved that there are none. */
export interface SecureAbsent extends Asked {
  readonly state: 'secure-absent'
  readonly absence: 'nodata' | 'nxdomain'
  readonly proof: Secure
}

/** Which of the answers that DANE rests on was not proved (RFC 7673 §3). */
export type Gate = 'srv' | 'alias' | 'address' | 'tlsa'

/** A gate is proved to be insecure: as if there were no TLSA (RFC 7673 §3.3). */
export interface Insecure extends Asked {
  readonly state: 'insecure'
  readonly gate: Gate
  readonly proof: Unproved<'insecure'>
}

/** Nobody judged, because no validator is composed: never enough for DANE. */
export interface Indeterminate extends Asked {
  readonly state: 'indeterminate'
  readonly gate: Gate
  readonly proof: Unproved<'indeterminate'>
}

/** The question was not answered, or the answer is bogus: a downgrade could look like this (RFC 7672 §2.1.2). */
export interface Failed extends Asked {
  readonly state: 'failed'
  readonly code: 'dane/lookup-bogus' | 'dane/lookup-failed'
  readonly error: LookupError
}

export type DaneFact = SecurePresent | SecureAbsent | Insecure | Indeterminate | Failed

/** In core's words. */
export function tlsaState(fact: DaneFact): TlsaState {
  if (fact.state === 'failed') return 'failed'
  return fact.state === 'secure-present' && fact.usable > 0 ? 'usable' : 'none'
}
