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
  /** The weakest of the address answers and the alias hops that led to them. */
  readonly addresses: Exclude<Security, 'bogus'>
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

/**
 * SRV secure, TLSA usable: the TLSA base domain is sent and accepted (RFC 7671 §10.2), beside the target (§7) and the
 * service domain (RFC 7673 §4.1). Otherwise the service domain is sent; the target is accepted too where a secure SRV named
 * it. The end of an alias chain is accepted only as TLSA base.
 */
export function identity(input: IdentityInput): Identity {
  const { domain, host, srv, addresses, mode } = input
  // RFC 7673 §3.1–3.3: without a secure SRV and a secure address, TLSA say nothing about this service.
  const counts = srv === 'secure' && addresses === 'secure'
  const tlsa = input.tlsa === 'usable' && !counts ? 'none' : input.tlsa
  const requirement = requirementOf(tlsa, mode)
  if (requirement === 'dane') {
    const tlsaBase = input.tlsaBase ?? host
    return { tlsaBase, serverName: tlsaBase, referenceNames: distinct([tlsaBase, host, domain]), requirement }
  }
  const targetIsTrusted = srv === 'secure' || input.trustInsecureTargets === true
  return {
    tlsaBase: undefined,
    serverName: domain,
    referenceNames: distinct(targetIsTrusted ? [domain, host] : [domain]),
    requirement,
  }
}

function requirementOf(tlsa: TlsaState, mode: IdentityInput['mode']): Identity['requirement'] {
  switch (mode) {
    case 'off':
    case 'report':
      return 'pkix'
    case 'required':
      return tlsa === 'usable' ? 'dane' : 'refuse'
    case 'opportunistic':
      if (tlsa === 'usable') return 'dane'
      return tlsa === 'none' ? 'pkix' : 'refuse'
  }
}

function distinct(names: readonly Name[]): readonly Name[] {
  return [...new Set(names)]
}
