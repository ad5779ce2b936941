/** Which TLSA records a client can use (RFC 6698 §4.1, RFC 7671 §4), and which of those it heeds (digest agility, §9). */
import { frameCertificate, isPublicKeyInfo } from './frame.ts'
import type { Tlsa } from './tlsa.ts'

/** Certificate usages, RFC 7218 §2.1. */
export type Usage = 0 | 1 | 2 | 3

/** RFC 7671 §4: clients of SRV services should support DANE-EE and DANE-TA, and rather not all four at once. */
export const DEFAULT_USAGES: readonly Usage[] = [3, 2]

/** A record that passed `unusableBecause`: its numbers are known ones. */
export interface UsableTlsa extends Tlsa {
  readonly usage: Usage
  readonly selector: 0 | 1
  readonly matchingType: 0 | 1 | 2
}

/** Why a record is of no use; stable. */
export type UnusableReason =
  | 'unknown-usage'
  | 'usage-not-enabled'
  | 'unknown-selector'
  | 'unknown-matching-type'
  | 'digest-length'
  | 'malformed-certificate'
  | 'malformed-key'

export interface UsabilityOptions {
  readonly usages?: readonly Usage[] | undefined
  /** Whether the platform can read the certificate or key of a Full(0) record. Default: its DER framing is enough. */
  readonly isReadable?: ((selector: 0 | 1, data: Uint8Array) => boolean) | undefined
}

export interface SortedRecords {
  readonly usable: readonly UsableTlsa[]
  readonly unusable: readonly { readonly record: Tlsa; readonly reason: UnusableReason }[]
}

const DIGEST_OCTETS: readonly [0, 32, 64] = [0, 32, 64]

/** Drops unusable records one by one: none of them is fatal beside a usable one (RFC 7671 §4, RFC 6698 §4.1). */
export function sortByUsability(records: readonly Tlsa[], options: UsabilityOptions = {}): SortedRecords {
  const usable: UsableTlsa[] = []
  const unusable: { record: Tlsa; reason: UnusableReason }[] = []
  for (const record of records) {
    const reason = unusableBecause(record, options)
    if (reason === undefined) usable.push(record as UsableTlsa)
    else unusable.push({ record, reason })
  }
  return { usable, unusable }
}

/** Why one record is of no use; `undefined` where it is usable. */
export function unusableBecause(record: Tlsa, options: UsabilityOptions = {}): UnusableReason | undefined {
  const { usage, selector, matchingType, data } = record
  if (usage > 3) return 'unknown-usage'
  if (!(options.usages ?? DEFAULT_USAGES).includes(usage as Usage)) return 'usage-not-enabled'
  if (selector !== 0 && selector !== 1) return 'unknown-selector'
  if (matchingType !== 0 && matchingType !== 1 && matchingType !== 2) return 'unknown-matching-type'
  if (matchingType !== 0) return data.length === DIGEST_OCTETS[matchingType] ? undefined : 'digest-length'
  const framed = selector === 0 ? frameCertificate(data) !== undefined : isPublicKeyInfo(data)
  if (framed && (options.isReadable?.(selector, data) ?? true)) return undefined
  return selector === 0 ? 'malformed-certificate' : 'malformed-key'
}

/**
 * Digest agility (RFC 7671 §9): for each pair of usage and selector, of the digests only the strongest counts, over the
 * whole RRset, even where only a weaker one would match. Full(0) always counts.
 */
export function strongestDigests(usable: readonly UsableTlsa[]): readonly UsableTlsa[] {
  return usable.filter(
    ({ usage, selector, matchingType }) =>
      matchingType === 0 ||
      !usable.some(
        (other) => other.usage === usage && other.selector === selector && other.matchingType > matchingType,
      ),
  )
}
