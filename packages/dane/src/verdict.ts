/** What a judge of TLS peers takes and says. */
import type { Name } from '@portolan/core'
import type { FaultCode } from './fault.ts'
import type { AuthLevel } from './strength.ts'
import type { Tlsa } from './tlsa.ts'
import type { Usage } from './usability.ts'

export interface PeerEvidence {
  /** DER, leaf first, then as sent: unordered, doubled and unrelated certificates are nothing unusual. */
  readonly chain: readonly Uint8Array[]
  /** DNS names of which the certificate must carry one; not looked at for DANE-EE (RFC 7671 §5.1). */
  readonly referenceNames: readonly Name[]
  /** SRV-IDs accepted beside them (RFC 4985), such as `_secure-mqtt.fleet.example.` */
  readonly srvNames?: readonly Name[] | undefined
}

export interface JudgeOptions {
  /** Usages that count; the others are unusable. Default `[3, 2]` (RFC 7671 §4). */
  readonly usages?: readonly Usage[] | undefined
  /** Default 2: no SHA-1 or MD5 signature, no RSA key under 2048 bits, on the leaf under DANE-EE too. */
  readonly authLevel?: AuthLevel | undefined
  /** Names are not checked under DANE-EE. Default true (RFC 7671 §5.1); false is OpenSSL's stricter default. */
  readonly noNameChecks?: boolean | undefined
  /** DER roots for PKIX and for usages 0 and 1. Default: the platform's. Give the same array again: it is read once. */
  readonly trustedRoots?: readonly Uint8Array[] | undefined
}

export type Verdict =
  | {
      readonly decision: 'accept'
      readonly by: 'dane' | 'pkix'
      /** The record that proved the peer; `undefined` for `pkix`. */
      readonly record: Tlsa | undefined
      /** 0 the leaf, 1 its issuer …; of a bare key (2 1 0) that of the certificate that it signed; `null` for `pkix`. */
      readonly matchDepth: number | null
      readonly bareKey: boolean
      /** DER, leaf first, as far as it was needed: the matched certificate, or the root, is the last. */
      readonly path: readonly Uint8Array[]
      readonly detail: string
    }
  /** No usable record: DANE says nothing about this peer, PKIX may. */
  | { readonly decision: 'defer-to-pkix'; readonly detail: string }
  | Refusal

export interface Refusal {
  readonly decision: 'refuse'
  readonly code: FaultCode
  /** What failed, which records were there, what the server showed, and the record that would have matched. */
  readonly detail: string
  readonly facts: RefusalFacts
}

export interface RefusalFacts {
  /** Presentation form of the records that counted. */
  readonly records: readonly string[]
  /** One line for each certificate that the server showed, the first eight. */
  readonly shown: readonly string[]
  /** `3 1 1 …` of what the server showed: publish it only if that key is yours. `undefined` where nothing readable was shown. */
  readonly wouldMatch: string | undefined
}

/** What only a platform with synchronous cryptography can do. */
export interface Judge {
  /** Whether a Full(0) record's certificate or key can be read. */
  isReadable(selector: 0 | 1, data: Uint8Array): boolean
  /** DANE alone. Never throws: hostile octets are a refusal. */
  judgeDane(records: readonly Tlsa[], evidence: PeerEvidence, nowMs: number, options?: JudgeOptions): Verdict
  /** PKIX alone (RFC 5280, RFC 9525). */
  judgePkix(evidence: PeerEvidence, nowMs: number, options?: JudgeOptions): Verdict
}
