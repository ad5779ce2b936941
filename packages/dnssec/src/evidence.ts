/** The NSEC and NSEC3 records of a reply whose signatures held: all that a denial may rest on. */
import { isAtOrBelow, labelsOf, type Name, parentOf, type Rrset } from '@portolan/core'
import { decoded } from './decoded.ts'
import type { ZoneKey } from './keys.ts'
import type { Fault } from './reasons.ts'
import { orderOf } from './records/canonical.ts'
import { NSEC, type Nsec } from './records/nsec.ts'
import { base32hex, NSEC3, NSEC3_SHA1, type Nsec3, OPT_OUT_FLAG } from './records/nsec3.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'

export interface NsecRecord extends Nsec {
  readonly owner: Name
  /** Of `owner` and `nextName`, as `orderOf` has it: an answer may bring hundreds. */
  readonly ownerOrder: string
  readonly nextOrder: string
  readonly verified: Verified
  readonly rrset: Rrset
}

export interface Nsec3Record extends Nsec3 {
  /** The leftmost label of the owner, and the next one: base32hex of a hash, lowered. */
  readonly hashText: string
  readonly nextHashText: string
  readonly owner: Name
  readonly verified: Verified
  readonly rrset: Rrset
}

export interface Evidence {
  readonly zone: Name
  readonly nsec: readonly NsecRecord[]
  readonly nsec3: readonly Nsec3Record[]
  /** Of the records that had to be left out, the last. */
  readonly fault: Fault | undefined
  /** Of the NSEC3 records of this very zone that did not hold, the last. */
  readonly nsec3Fault: Fault | undefined
}

const NSEC3_HASH_OCTETS = 20

/** Verifies every NSEC and NSEC3 RRset of an authority section with the keys of one zone. */
export async function evidenceOf(
  authority: readonly Rrset[],
  zone: Name,
  keys: readonly ZoneKey[],
  work: Work,
): Promise<Evidence> {
  const nsec: NsecRecord[] = []
  const nsec3: Nsec3Record[] = []
  let fault: Fault | undefined
  let nsec3Fault: Fault | undefined
  for (const rrset of authority) {
    if (rrset.records.length === 0 || (rrset.type !== NSEC.code && rrset.type !== NSEC3.code)) continue
    const result = await verifyRrset(rrset, zone, keys, work)
    if ('fault' in result) {
      fault = result.fault
      if (rrset.type === NSEC3.code && parentOf(rrset.owner) === zone) nsec3Fault = fault
      continue
    }
    // It stands at one name and says what comes after that: made of a wildcard it would say so anywhere.
    if (isWildcardExpansion(result.verified.rrsig, rrset.owner)) {
      fault = { reason: 'wildcard-not-allowed', detail: `the denial at ${rrset.owner} was made of a wildcard` }
      continue
    }
    const found = nsec.length + nsec3.length
    if (rrset.type === NSEC.code) nsec.push(...nsecRecords(rrset, zone, result.verified))
    else nsec3.push(...nsec3Records(rrset, zone, result.verified))
    if (nsec.length + nsec3.length === found) {
      fault = { reason: 'denial-insufficient', detail: `the denial record at ${rrset.owner} cannot be used` }
    }
  }
  return { zone, nsec, nsec3, fault, nsec3Fault }
}

/** Two NSEC at one name contradict each other, and one that points out of its zone speaks for others (RFC 4034 §4.1.1). */
function nsecRecords(rrset: Rrset, zone: Name, verified: Verified): readonly NsecRecord[] {
  const [record, second] = rrset.records
  if (record === undefined || second !== undefined) return []
  const nsec = decoded(NSEC.decode, record.rdata)
  if (nsec === undefined || !isAtOrBelow(nsec.nextName, zone)) return []
  const { owner } = rrset
  return [{ owner, ownerOrder: orderOf(owner), nextOrder: orderOf(nsec.nextName), verified, rrset, ...nsec }]
}

/** RFC 5155 §8.1, §8.2: unknown hash algorithms and flags are ignored; the owner is a hash directly below the zone. */
function nsec3Records(rrset: Rrset, zone: Name, verified: Verified): readonly Nsec3Record[] {
  if (rrset.owner === zone || parentOf(rrset.owner) !== zone) return []
  const hashText = labelsOf(rrset.owner)[0] ?? ''
  if (!/^[0-9a-v]{32}$/.test(hashText)) return []
  return rrset.records.flatMap(({ rdata }) => {
    const nsec3 = decoded(NSEC3.decode, rdata)
    if (nsec3 === undefined || nsec3.hashAlgorithm !== NSEC3_SHA1 || (nsec3.flags & ~OPT_OUT_FLAG) !== 0) return []
    if (nsec3.nextHashedOwner.length !== NSEC3_HASH_OCTETS) return []
    const nextHashText = base32hex(nsec3.nextHashedOwner)
    return [{ hashText, nextHashText, owner: rrset.owner, verified, rrset, ...nsec3 }]
  })
}
