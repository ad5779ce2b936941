/** The verdict on one RRset: by the zone that signed it, else by what is proved of the zone that it stands in. */
import { isAtOrBelow, type Link, type Name, type Proof, type Rrset, type Secure } from '@portolan/core'
import { decoded } from './decoded.ts'
import { type DenialRecord, judgeExpansion } from './denial.ts'
import { evidenceOf } from './evidence.ts'
import { bogus, type Fault, insecure } from './reasons.ts'
import { RRSIG } from './records/rrsig.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'
import { zoneNameOf } from './zone-cut.ts'
import type { SecureZone } from './zone-state.ts'
import type { Zones } from './zones.ts'

export interface Judgement {
  readonly zones: Zones
  readonly work: Work
}

export interface JudgedRrset {
  /** TTLs capped (RFC 4035 §5.3.3). */
  readonly rrset: Rrset
  readonly proof: Proof
  /** Denial records that the proof needed. */
  readonly denialRecords: readonly DenialRecord[]
}

/** A verdict that a fault ended; seconds only, since a clock may be set right and a server mended. */
export const BOGUS_MS = 3_000
/** Zones that one RRset may claim to be signed by. */
const MAX_SIGNERS = 3
/** SOA and DNSKEY stand at the apex of the zone that signs them and nowhere else (RFC 4035 §2.1, §5.3.1). */
const APEX_TYPES: ReadonlySet<number> = new Set([6, 48])

/** Ancestors of the owner that its signatures name as their zone, the closest first; of SOA and DNSKEY the owner itself. */
export function signersOf(rrsets: readonly Rrset[], name: Name, type: number): readonly Name[] {
  const base = zoneNameOf(name, type)
  const isApexType = rrsets.some((rrset) => APEX_TYPES.has(rrset.type))
  const signers: Name[] = []
  for (const { signatures } of rrsets) {
    for (const { rdata } of signatures) {
      const signer = decoded(RRSIG.decode, rdata)?.signer
      if (signer === undefined || signers.includes(signer)) continue
      if (isApexType ? base === signer : isAtOrBelow(base, signer)) signers.push(signer)
    }
  }
  return signers.sort((a, b) => b.length - a.length).slice(0, MAX_SIGNERS)
}

export async function judgeRrset(
  rrset: Rrset,
  authority: readonly Rrset[],
  { zones, work }: Judgement,
): Promise<JudgedRrset> {
  let fault: Fault | undefined
  let chain: readonly Link[] = []
  for (const signer of signersOf([rrset], rrset.owner, rrset.type)) {
    zones.prefetch(signer, work.nowMs)
    const state = await zones.stateAt(signer, work)
    if (state.security !== 'secure' || state.zone !== signer) continue
    const result = await verifyRrset(rrset, state.zone, state.keys, work)
    if ('verified' in result) return signedBy(state, rrset, result.verified, authority, { zones, work })
    fault ??= result.fault
    chain = state.chain
  }
  const unsigned = await unsignedProof([rrset], rrset.owner, rrset.type, { zones, work })
  return { rrset, denialRecords: [], proof: faulty(fault, chain, unsigned, work) }
}

/** A delegation is there, and it is unsigned; opt-out proves less. */
const OF_UNSIGNED_ZONE: ReadonlySet<string> = new Set(['no-ds', 'unsupported-algorithm', 'unsupported-digest'])

/**
 * Bogus by the fault, but for what stands in a zone that is proved to be unsigned: a wrong signature there, whoever it names,
 * counts as little as the data (RFC 4035 §5.2, §5.3.1).
 */
export function faulty(
  fault: Fault | undefined,
  chain: readonly Link[],
  unsigned: Exclude<Proof, Secure>,
  work: Work,
): Exclude<Proof, Secure> {
  if (fault === undefined || OF_UNSIGNED_ZONE.has(unsigned.reason)) return unsigned
  return bogus(fault, chain, work.nowMs + BOGUS_MS)
}

/**
 * Insecure where that is proved of the zone; else a signature should have been there (RFC 4035 §5.1).
 * @param rrsets what claims to come from there
 */
export async function unsignedProof(
  rrsets: readonly Rrset[],
  name: Name,
  type: number,
  { zones, work }: Judgement,
): Promise<Exclude<Proof, Secure>> {
  const base = zoneNameOf(name, type)
  zones.prefetch(base, work.nowMs)
  const state = await zones.stateAt(base, work)
  // Signatures there, whoever claims to have made them, count as little as the data (RFC 4035 §5.2).
  if (state.security !== 'secure') return state
  const isSigned = rrsets.some(({ signatures }) => signatures.length > 0)
  const wrong: Fault = { reason: 'wrong-signer', detail: `no signature over ${name} names a zone above it` }
  const missing: Fault = { reason: 'signature-missing', detail: `${name} stands in ${state.zone}, which is signed` }
  return bogus(isSigned ? wrong : missing, state.chain, work.nowMs + BOGUS_MS)
}

async function signedBy(
  { zone, keys, chain }: SecureZone,
  rrset: Rrset,
  verified: Verified,
  authority: readonly Rrset[],
  judgement: Judgement,
): Promise<JudgedRrset> {
  const { work } = judgement
  const capped = cappedRrset(rrset, verified.ttlSeconds)
  // Not a literal: that would take four times the room, in each answer that is kept.
  const whole = chain.concat(verified.link)
  const secure: Secure = {
    security: 'secure',
    provenance: 'validated',
    zone,
    validUntilMs: verified.validUntilMs,
    chain: whole,
  }
  if (!isWildcardExpansion(verified.rrsig, rrset.owner)) return { rrset: capped, proof: secure, denialRecords: [] }
  const evidence = await evidenceOf(authority, zone, keys, work)
  const verdict = await judgeExpansion(evidence, rrset.owner, verified.rrsig.labels, work)
  if (verdict.security === 'bogus') {
    return { rrset, proof: bogus(verdict.fault, whole, work.nowMs + BOGUS_MS), denialRecords: [] }
  }
  const validUntilMs = Math.min(verified.validUntilMs, ...verdict.records.map((one) => one.verified.validUntilMs))
  const proof =
    verdict.security === 'secure'
      ? { ...secure, validUntilMs }
      : ((await strippedIsland(zone, rrset.owner, rrset.type, judgement)) ??
        insecure(verdict.fault, whole, validUntilMs))
  return { rrset: capped, proof, denialRecords: verdict.records }
}

/**
 * Of what is insecure by the word of `zone`: nothing above an island of security can make that insecure (RFC 4035 §4.3),
 * else whoever strips its signatures would only have to replay the opt-out of a zone above.
 */
export async function strippedIsland(
  zone: Name,
  name: Name,
  type: number,
  judgement: Judgement,
): Promise<Extract<Proof, { security: 'bogus' }> | undefined> {
  if (!judgement.zones.hasAnchorBelow(zone, zoneNameOf(name, type))) return undefined
  const proof = await unsignedProof([], name, type, judgement)
  return proof.security === 'bogus' ? proof : undefined
}

/** RFC 4035 §5.3.3: a TTL above what the signature vouches for is lowered, never refused. */
export function cappedRrset(rrset: Rrset, ttlSeconds: number): Rrset {
  const isAbove = (record: Rrset['records'][number]) => record.ttlSeconds > ttlSeconds
  if (!rrset.records.some(isAbove) && !rrset.signatures.some(isAbove)) return rrset
  const capped = (record: Rrset['records'][number]) => (isAbove(record) ? { ...record, ttlSeconds } : record)
  return { ...rrset, records: rrset.records.map(capped), signatures: rrset.signatures.map(capped) }
}
