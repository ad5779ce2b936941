/** For publishers: the TLSA record of a certificate, and whether a roll-over is covered (RFC 7671 §8). */
import { X509Certificate } from 'node:crypto'
import { InvalidOptionError, type Name } from '@portolan/core'
import { openCertificate } from './certificate.node.ts'
import { judgeDane } from './dane.node.ts'
import { associationData } from './match.node.ts'
import type { Tlsa } from './tlsa.ts'
import type { UsableTlsa } from './usability.ts'
import type { JudgeOptions, Refusal } from './verdict.ts'

/**
 * The record of a certificate, PEM or DER. Default `3 1 1`, which outlives renewals that keep the key (RFC 7671 §5.1).
 * @throws InvalidOptionError where the certificate cannot be read
 */
export function tlsaFor(
  certificate: string | Uint8Array,
  { usage = 3, selector = 1, matchingType = 1 }: Partial<Omit<UsableTlsa, 'data'>> = {},
): UsableTlsa {
  const opened = openCertificate(derOf(certificate))
  if (opened === undefined) throw new InvalidOptionError('certificate', 'it is no X.509 certificate in PEM or DER')
  return { usage, selector, matchingType, data: associationData(opened, selector, matchingType) }
}

export interface Rollover extends JudgeOptions {
  readonly tlsa: readonly Tlsa[]
  /** DER chains that servers show now, one for each key type that they have (an RSA and an ECDSA one, say). */
  readonly current: Chains
  /** DER chains that will follow. */
  readonly next: Chains
  readonly referenceNames: readonly Name[]
  readonly nowMs: number
}

export interface RolloverCoverage {
  /** Only then may the certificate be changed. */
  readonly covered: boolean
  readonly gaps: readonly RolloverGap[]
}

/** A chain that clients would refuse, or a key type that one side lacks. */
export type RolloverGap =
  | {
      readonly side: 'current' | 'next'
      readonly keyType: string
      readonly because: 'refused'
      readonly refusal: Refusal
    }
  | {
      readonly side: 'current' | 'next'
      readonly keyType: string
      readonly because: 'no-usable-tlsa' | 'key-type-missing'
    }

/**
 * Whether the published records prove both what servers show and what they will show, for every key type that either has.
 * A next certificate is judged from its first day on.
 */
export function rolloverCoverage(rollover: Rollover): RolloverCoverage {
  const gaps = [
    ...gapsOf('current', rollover.current, rollover.next, rollover),
    ...gapsOf('next', rollover.next, rollover.current, rollover),
  ]
  return { covered: gaps.length === 0, gaps }
}

type Chains = readonly (readonly Uint8Array[])[]

function gapsOf(side: 'current' | 'next', chains: Chains, others: Chains, rollover: Rollover): readonly RolloverGap[] {
  const own = keyTypes(chains)
  const missing = keyTypes(others).filter((keyType) => !own.includes(keyType))
  return [
    ...chains.flatMap((chain) => refusalGap(side, chain, rollover)),
    ...missing.map((keyType): RolloverGap => ({ side, keyType, because: 'key-type-missing' })),
  ]
}

function refusalGap(
  side: 'current' | 'next',
  chain: readonly Uint8Array[],
  { tlsa, referenceNames, nowMs, ...options }: Rollover,
): readonly RolloverGap[] {
  const [leaf] = chain
  const begins = (leaf && openCertificate(leaf)?.fields?.notBeforeMs) ?? nowMs
  const verdict = judgeDane(tlsa, { chain, referenceNames }, side === 'next' ? Math.max(nowMs, begins) : nowMs, options)
  const keyType = keyTypeOf(chain)
  if (verdict.decision === 'accept') return []
  if (verdict.decision === 'defer-to-pkix') return [{ side, keyType, because: 'no-usable-tlsa' }]
  return [{ side, keyType, because: 'refused', refusal: verdict }]
}

function keyTypes(chains: Chains): readonly string[] {
  return [...new Set(chains.map(keyTypeOf))]
}

/** As OpenSSL names it: `rsa`, `ec`, `ed25519`. */
function keyTypeOf([leaf]: readonly Uint8Array[]): string {
  return (leaf && openCertificate(leaf)?.parsed?.publicKey.asymmetricKeyType) ?? 'unreadable'
}

function derOf(certificate: string | Uint8Array): Uint8Array {
  if (typeof certificate !== 'string') return certificate
  try {
    return new X509Certificate(certificate).raw
  } catch (cause) {
    throw new InvalidOptionError('certificate', 'it is no X.509 certificate in PEM', { cause })
  }
}
