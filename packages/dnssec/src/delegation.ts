/** From what is trusted of a zone (DS or anchor) to its keys (RFC 4035 §5.2, RFC 4509 §3, RFC 6840 §5.11). */
import type { RawRecord, Reply } from '@portolan/core'
import { isSupportedAlgorithm, isSupportedDigest, SHA1_DIGEST } from './algorithms.ts'
import type { TrustAnchor } from './anchors.ts'
import { decoded } from './decoded.ts'
import { type ZoneKey, zoneKeys } from './keys.ts'
import type { Fault } from './reasons.ts'
import { compareOctets } from './records/canonical.ts'
import { DNSKEY, keyTag } from './records/dnskey.ts'
import { DS, type Ds, dsDigest } from './records/ds.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'

/** What is trusted of a zone before its keys are seen: its DS, or an anchor. */
export interface EntryPoint extends TrustAnchor {
  readonly isAnchor: boolean
}

/** The DS records that count: supported, and no SHA-1 where SHA-2 stands beside it (RFC 4509 §3). */
function usableDs(ds: readonly Ds[], { policy }: Pick<Work, 'policy'>): readonly Ds[] {
  const supported = ds.filter(
    ({ algorithm, digestType }) => isSupportedAlgorithm(algorithm, policy) && isSupportedDigest(digestType, policy),
  )
  const isStronger = supported.some(({ digestType }) => digestType !== SHA1_DIGEST)
  return isStronger ? supported.filter(({ digestType }) => digestType !== SHA1_DIGEST) : supported
}

/** Why the zone counts as unsigned although it has DS or an anchor (RFC 4035 §5.2); `undefined` where it does not. */
export function unsupportedFault(
  { zone, ds, dnskeys }: TrustAnchor,
  { policy }: Pick<Work, 'policy'>,
): Fault | undefined {
  const hasKey = dnskeys.some((rdata) => isSupportedAlgorithm(rdata[3] ?? 0, policy))
  if (hasKey || usableDs(ds, { policy }).length > 0) return undefined
  const isKnownAlgorithm = ds.some(({ algorithm }) => isSupportedAlgorithm(algorithm, policy))
  const said = ds.map(({ keyTag, algorithm, digestType }) => `DS ${keyTag} (${algorithm}, ${digestType})`)
  const whole = dnskeys.map((rdata) => `DNSKEY ${keyTag(rdata)} (${rdata[3]})`)
  return {
    reason: isKnownAlgorithm ? 'unsupported-digest' : 'unsupported-algorithm',
    detail: `nothing that vouches for ${zone} has a supported algorithm and digest: ${[...said, ...whole].join(', ')}`,
  }
}

export function decodeDsSet(records: readonly RawRecord[]): readonly Ds[] {
  return records.flatMap(({ rdata }) => decoded(DS.decode, rdata) ?? [])
}

export type KeysResult = { readonly keys: readonly ZoneKey[]; readonly verified: Verified } | { readonly fault: Fault }

/** One key that the entry point names must have signed the DNSKEY RRset; then all of its keys are the zone's. */
export async function keysOf(entry: EntryPoint, reply: Reply, work: Work): Promise<KeysResult> {
  const { zone, isAnchor } = entry
  const rrset = reply.answer.find(({ owner, type, records }) => {
    return owner === zone && type === DNSKEY.code && records.length > 0
  })
  if (rrset === undefined) return { fault: { reason: 'dnskey-missing', detail: `${zone} has no DNSKEY` } }
  const keys = zoneKeys(rrset.records, work.policy)
  const named = await namedKeys(entry, keys, work)
  if ('fault' in named) return named
  if (named.keys.length === 0 && named.isCut) {
    return { fault: { reason: 'limit-colliding-keys', detail: `too many keys of ${zone} share the tag of a DS` } }
  }
  if (named.keys.length === 0) {
    const tags = keys.map(({ tag }) => tag).join(', ') || 'none usable'
    const wanted = entry.ds.map(({ keyTag }) => keyTag).join(', ')
    return {
      fault: isAnchor
        ? { reason: 'no-anchor-matches', detail: `no trust anchor of ${zone} matches its DNSKEY RRset (keys: ${tags})` }
        : {
            reason: 'no-dnskey-matches',
            detail: `no DS of ${zone} (${wanted}) matches its DNSKEY RRset (keys: ${tags})`,
          },
    }
  }
  const result = await verifyRrset(rrset, zone, named.keys, work)
  if ('fault' in result) return result
  if (isWildcardExpansion(result.verified.rrsig, zone)) {
    return { fault: { reason: 'wildcard-not-allowed', detail: `the DNSKEY of ${zone} was made of a wildcard` } }
  }
  return { keys, verified: result.verified }
}

async function namedKeys(
  entry: EntryPoint,
  keys: readonly ZoneKey[],
  work: Work,
): Promise<{ readonly keys: readonly ZoneKey[]; readonly isCut: boolean } | { readonly fault: Fault }> {
  let isCut = false
  const named = new Set(keys.filter(({ rdata }) => entry.dnskeys.some((anchor) => compareOctets(anchor, rdata) === 0)))
  for (const { keyTag, algorithm, digestType, digest } of usableDs(entry.ds, work)) {
    const candidates = keys.filter((key) => key.tag === keyTag && key.algorithm === algorithm)
    isCut ||= candidates.length > work.limits.collidingKeys
    for (const key of candidates.slice(0, work.limits.collidingKeys)) {
      if (!work.budget.takeCrypto()) {
        return { fault: { reason: 'limit-crypto-budget', detail: `the budget ended at the DS of ${entry.zone}` } }
      }
      await work.pace.next()
      const computed = await dsDigest(entry.zone, key.rdata, digestType)
      if (computed !== undefined && compareOctets(computed, digest) === 0) named.add(key)
    }
  }
  return { keys: [...named], isCut }
}
