/** Which names to send to a TLS server and which to accept from it: one pure function (RFC 7673 §3–4, RFC 7671 §7, §10.2). */
import type { Name } from './name.ts'
import type { Security } from './proof.ts'

/**
 * `usable`: secure, and at least one record that the client can use. `none`: proved absent, proved insecure, or secure
 * without a usable record. `failed`: bogus, or nobody answered. `not-asked`: no plugin looked.
 */
export type TlsaState = 'usable' | 'none' | 'failed' | 'not-asked'

export interface IdentityInput {
  readonly domain: Name
  readonly host: Name
  /** Of the SRV RRset; of its absence where the domain itself is the target. */
  readonly srv: Exclude<Security, 'bogus'>
  readonly fallback: boolean
  /** The weakest of the address answers and the alias hops that led to them. */
  readonly addresses: Exclude<Security, 'bogus'>
  /** End of the alias chain of the host; the host itself where there is none. */
  readonly canonicalName: Name
  readonly tlsa: TlsaState
  readonly tlsaBase?: Name | undefined
  /** `off`: no plugin that knows TLSA was given. */
  readonly mode: 'required' | 'opportunistic' | 'report' | 'off'
  /** Accept the target's name although an insecure SRV named it: whoever forges DNS then chooses the name to be checked. */
  readonly trustInsecureTargets?: boolean | undefined
}

export interface Identity {
  /** Below which `_port._proto` the usable TLSA stood. */
  readonly tlsaBase: Name | undefined
  /** What to send as SNI. */
  readonly serverName: Name
  /** Any one of these in the certificate is enough (RFC 9525 §6.3). */
  readonly referenceNames: readonly Name[]
  /** Who decides about the peer. `refuse`: nobody may, do not connect. */
  readonly requirement: 'dane' | 'pkix' | 'refuse'
}
