/** What `portolan discover --json` prints, as types: version 1. Fields are added within a version, never changed or taken away. */

export interface Report {
  readonly version: 1
  readonly domain: string
  readonly service: {
    /** The SRV owner that was asked for. */
    readonly name: string
    /** No SRV records there: the domain itself stands in, on the default port. */
    readonly fallback: boolean
    readonly security: Judgement
  }
  /** ISO 8601, UTC: until when the list holds. */
  readonly expiresAt: string
  /** In the order in which to try them. */
  readonly brokers: readonly Broker[]
  readonly struckOut: readonly StruckOut[]
  /** Every decision, in the order in which they were taken. */
  readonly trace: readonly TraceLine[]
}

export interface Broker {
  /** From 1. */
  readonly rank: number
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly priority: number
  readonly weight: number
  /** The end of the alias chain of `host`; `host` where there is none. */
  readonly canonicalName: string
  readonly addresses: readonly { readonly family: 4 | 6; readonly address: string; readonly security: Security }[]
  /** The weakest of the SRV records and the addresses. */
  readonly security: Judgement
  readonly place: Place
  readonly sasl: Sasl
  readonly dane: Dane
  /** What to send as SNI, what to accept in the certificate, and who decides about it. */
  readonly identity: {
    readonly serverName: string
    readonly referenceNames: readonly string[]
    readonly requirement: 'dane' | 'pkix' | 'refuse'
  }
  /** Why it stands where it stands. */
  readonly why: readonly string[]
  readonly expiresAt: string
}

/** RFC 4035 §4.3. A bogus answer is no part of a report: it strikes a broker out, or ends in a Failure. */
export type Security = 'secure' | 'insecure' | 'indeterminate'

export interface Judgement {
  readonly state: Security
  /** Stable code, where the state is not `secure`. */
  readonly reason: string | null
  /** One sentence for people. */
  readonly detail: string | null
}

/** `not-asked`: no position was given. */
export type Place =
  | {
      readonly status: 'located'
      readonly latitude: number
      readonly longitude: number
      readonly distanceMetres: number
    }
  | { readonly status: 'unknown'; readonly reason: string; readonly detail: string }
  | { readonly status: 'absent' | 'not-asked' }

/** Hints from TXT; `withheld`: something may be there and cannot be relied on. */
export type Sasl =
  | { readonly status: 'offered'; readonly mechanisms: readonly string[] }
  | { readonly status: 'withheld'; readonly reason: string; readonly detail: string }
  | { readonly status: 'absent' }

/**
 * What TLSA records say about the certificate. `secure-present`: proved records, of which `usable` count for us;
 * `secure-absent`: proved that there are none; `insecure`, `indeterminate`: as if there were none.
 */
export interface Dane {
  readonly state: 'secure-present' | 'secure-absent' | 'insecure' | 'indeterminate' | 'failed'
  /** Where they were looked for: `_8883._tcp.berlin.fleet.example`. */
  readonly owner: string
  /** In presentation form (RFC 6698 §2.2): `3 1 1 0b9f…`. */
  readonly records: readonly string[]
  readonly usable: number
  /** Why they prove nothing; null where they do. */
  readonly detail: string | null
}

export interface StruckOut {
  readonly host: string
  readonly port: number
  /** Stable, such as `core/address-bogus`. */
  readonly code: string
  readonly detail: string
}

export interface TraceLine {
  readonly at: string
  readonly subject: string
  /** Mnemonic of the record type, where the decision is about one. */
  readonly type: string | null
  /** Stable, such as `srv-answered`. */
  readonly code: string
  readonly security: Security | 'bogus' | null
  readonly detail: string
}

/** Printed in place of a report where no list came of it; the exit status says the same. */
export interface Failure {
  readonly version: 1
  readonly domain: string
  readonly error: {
    /** Stable, such as `core/service-bogus`. */
    readonly code: string
    readonly message: string
    /** What to do about it, one sentence or command each. */
    readonly advice: readonly string[]
    readonly exitStatus: number
    readonly struckOut: readonly StruckOut[]
  }
}
