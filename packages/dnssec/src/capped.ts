/** TTLs lowered to what signatures vouch for (RFC 4035 §5.3.3), never refused. */
import type { Rrset } from '@portolan/core'
import { decoded } from './decoded.ts'
import { RRSIG } from './records/rrsig.ts'

export function cappedRrset(rrset: Rrset, ttlSeconds: number): Rrset {
  const isAbove = (record: Rrset['records'][number]) => record.ttlSeconds > ttlSeconds
  if (!rrset.records.some(isAbove) && !rrset.signatures.some(isAbove)) return rrset
  const capped = (record: Rrset['records'][number]) => (isAbove(record) ? { ...record, ttlSeconds } : record)
  return { ...rrset, records: rrset.records.map(capped), signatures: rrset.signatures.map(capped) }
}

/** By all of its signatures, whether they hold or not: for what is kept before it is judged. */
export function cappedBySignatures(rrset: Rrset): Rrset {
  const ttls = rrset.signatures.flatMap(({ ttlSeconds, rdata }) => {
    return [ttlSeconds, decoded(RRSIG.decode, rdata)?.originalTtlSeconds ?? ttlSeconds]
  })
  return ttls.length === 0 ? rrset : cappedRrset(rrset, Math.min(...ttls))
}
