/** What is learnt about how to log in. */
import type { Name, Usable } from '@portolan/core'

export type TxtFact = HintOffered | HintAbsent | HintWithheld

/** Proved from the trust anchor down, and so handed out. */
export interface HintOffered {
  readonly status: 'offered'
  /** SASL mechanism names, the operator's preferred one first, at least one. */
  readonly mechanisms: readonly string[]
  /** Where the record stands, at the end of any aliases. */
  readonly owner: Name
  readonly expiresAtMs: number
}

/** No hint record, or one that doesn't speak of mechanisms. */
export interface HintAbsent {
  readonly status: 'absent'
  /** `secure`: proved. */
  readonly security: Usable['security']
  readonly expiresAtMs: number
}

/**
 * `insecure`, `indeterminate`: there is a record and no proof of it. `srv-not-secure`: the record is proved, but not which
 * brokers it speaks of. `bogus`, `lookup-failed`: what came, or didn't, instead of an answer. `malformed`: a record that
 * can't be read. `ambiguous`: several hint records.
 */
export type WithheldReason =
  | 'insecure'
  | 'indeterminate'
  | 'srv-not-secure'
  | 'bogus'
  | 'lookup-failed'
  | 'malformed'
  | 'ambiguous'

/** Something may be there and can't be relied on. The fact does not contain it, so nobody can use it by mistake. */
export interface HintWithheld {
  readonly status: 'withheld'
  readonly reason: WithheldReason
  /** One sentence for people. */
  readonly detail: string
}
