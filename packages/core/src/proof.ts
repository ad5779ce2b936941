/** What is known of an RRset's or a denial's genuineness (RFC 4035 §4.3), with where the knowledge comes from. */
import type { Name } from './name.ts'

/** A zone on the way from the trust anchor to the data: the key that signed there. */
export interface Link {
  readonly zone: Name
  /** DNSKEY for the zone's own keys, DS for the link from its parent, else the type of what was signed. */
  readonly type: string
  readonly keyTags: readonly number[]
  readonly algorithm: number
  readonly inceptionMs: number
  readonly expirationMs: number
}

/** Positively proved, until `validUntilMs` (the earliest of TTL, RRSIG TTL, original TTL and expiration: RFC 4035 §5.3.3). */
export interface Secure {
  readonly security: 'secure'
  /** `validated` here, or `ad`: said by a resolver that configuration trusts. */
  readonly provenance: 'validated' | 'ad'
  /** The zone whose key signed. */
  readonly zone: Name
  readonly validUntilMs: number
  readonly chain: readonly Link[]
}

/** Not proved, and why. `indeterminate` is only what nobody judged. */
export interface Unproved<S extends 'insecure' | 'indeterminate' | 'bogus'> {
  readonly security: S
  /** Stable code, such as `no-ds` or `signature-expired`; @portolan/dnssec lists its own. */
  readonly reason: string
  /** One sentence for people, with the names and key tags involved. */
  readonly detail: string
  /** RFC 8914 code, where one fits. */
  readonly extendedError?: number | undefined
  /** Time after which this should be judged again; absent where it was never judged. */
  readonly validUntilMs?: number | undefined
  /** With reason `clock-suspect`: what would have to be added to the clock for the signatures to hold. */
  readonly clockOffsetMs?: number | undefined
  readonly chain: readonly Link[]
}

/** The proofs that an answer may carry. A bogus one rejects instead. */
export type Usable = Secure | Unproved<'insecure'> | Unproved<'indeterminate'>
export type Proof = Usable | Unproved<'bogus'>
export type Security = Proof['security']

/** What stands on everything where no validator is composed. */
export const NOT_JUDGED: Unproved<'indeterminate'> = {
  security: 'indeterminate',
  reason: 'not-judged',
  detail: 'no validator looked at this answer',
  chain: [],
}

const STRENGTH: Readonly<Record<Security, number>> = { bogus: 0, indeterminate: 1, insecure: 2, secure: 3 }

/** The weakest of several proofs; among secure ones that which ends first. An alias chain is as weak as this. */
export function weakest<P extends Proof>(first: P, ...others: readonly P[]): P {
  return others.reduce((least, proof) => {
    const difference = STRENGTH[proof.security] - STRENGTH[least.security]
    if (difference !== 0) return difference < 0 ? proof : least
    return (proof.validUntilMs ?? Infinity) < (least.validUntilMs ?? Infinity) ? proof : least
  }, first)
}
