/** Why a certificate chain proves nothing: a value, never a throw. */

/** Stable. As an error or veto code it stands behind `dane/`. */
export type FaultCode =
  /** Usable TLSA are there and none matches. */
  | 'no-match'
  | 'no-certificate'
  | 'malformed-certificate'
  | 'name-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'extended-key-usage'
  | 'critical-extension'
  | 'name-constraints'
  | 'weak-key'
  | 'weak-signature'
  | 'bad-signature'
  /** The path ends below a trust anchor. */
  | 'no-issuer'
  /** More candidate issuers than we are ready to try. */
  | 'search-limit'

export interface Fault {
  readonly code: FaultCode
  /** One sentence for people. */
  readonly detail: string
}
