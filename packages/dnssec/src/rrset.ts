/** The verdict on one RRset: by the zone that signed it, else by what is proved of the zone that it stands in. */
import {
  isAtOrBelow,
  type Link,
  type Name,
  type Proof,
  parentOf,
  ROOT,
  type Rrset,
  type Secure,
  type Unproved,
} from '@portolan/core'
import { cappedRrset } from './capped.ts'
import { decoded } from './decoded.ts'
import { type DenialRecord, judgeExpansion } from './denial.ts'
import { evidenceOf } from './evidence.ts'
import { bogus, type Fault, insecure } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { NSEC } from './records/nsec.ts'
import { RRSIG } from './records/rrsig.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { firstInception } from './signed-zones.ts'
import { SOA } from './type-codes.ts'
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
  /** Of the signature that held. */
  readonly inception?: number
}

/** Zones that one RRset may claim to be signed by. */
const MAX_SIGNERS = 3
/** SOA and DNSKEY stand at the apex of the zone that signs them and nowhere else (RFC 4035 §2.1, §5.3.1). */
const APEX_TYPES: ReadonlySet<number> = new Set([SOA, DNSKEY.code])

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

/** What the keys of a zone did not prove, and how far down to that zone all was proved. */
export interface Failure {
  readonly fault: Fault
  readonly chain: readonly Link[]
}

export async function judgeRrset(
  rrset: Rrset,
  authority: readonly Rrset[],
  { zones, work }: Judgement,
): Promise<JudgedRrset> {
  let failure: Failure | undefined
  for (const signer of signersOf([rrset], rrset.owner, rrset.type)) {
    zones.prefetch(signer, work.nowMs)
    const state = await zones.stateAt(signer, work)
    if (state.security !== 'secure' || state.zone !== signer) continue
    const result = await verifyRrset(rrset, state.zone, state.keys, work)
    if ('verified' in result) return signedBy(state, rrset, result.verified, authority, { zones, work })
    failure ??= { fault: result.fault, chain: state.chain }
  }
  const unsigned = await unsignedProof([rrset], rrset.owner, rrset.type, { zones, work })
  return { rrset, denialRecords: [], proof: faulty(failure, unsigned, work) }
}

/** A delegation is there, and it is unsigned; opt-out proves less. */
const OF_UNSIGNED_ZONE: ReadonlySet<string> = new Set(['no-ds', 'unsupported-algorithm', 'unsupported-digest'])

/**
 * Bogus by the fault, but for what stands in a zone that is proved to be unsigned: a wrong signature there, whoever it names,
 * counts as little as the data (RFC 4035 §5.2, §5.3.1).
 */
export function faulty(
  failure: Failure | undefined,
  unsigned: Exclude<Proof, Secure>,
  { nowMs }: Work,
): Exclude<Proof, Secure> {
  if (failure === undefined || OF_UNSIGNED_ZONE.has(unsigned.reason)) return unsigned
  return bogus(failure.fault, failure.chain, nowMs)
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
  return bogus(isSigned ? wrong : missing, state.chain, work.nowMs)
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
  const { inception } = verified.rrsig
  // A DS or NSEC at a cut is the word of the zone above (RFC 4035 §2.3, §2.4), and so is said of the name above.
  const base = isOfZoneAbove(rrset.type) ? (parentOf(rrset.owner) ?? ROOT) : rrset.owner
  if (judgement.zones.hasProvedBelow(zone, base, inception)) {
    const detail = `${zone} signed ${rrset.owner}, but a zone between them was proved to be signed, and not before that`
    return { rrset, proof: bogus({ reason: 'wrong-signer', detail }, whole, work.nowMs), denialRecords: [] }
  }
  if (!isWildcardExpansion(verified.rrsig, rrset.owner)) {
    return { rrset: capped, proof: secure, denialRecords: [], inception }
  }
  const evidence = await evidenceOf(authority, zone, keys, work)
  const verdict = await judgeExpansion(evidence, rrset.owner, verified.rrsig.labels, work)
  if (verdict.security === 'bogus') {
    return { rrset, proof: bogus(verdict.fault, whole, work.nowMs), denialRecords: [] }
  }
  const validUntilMs = Math.min(verified.validUntilMs, ...verdict.records.map((one) => one.verified.validUntilMs))
  const proof =
    verdict.security === 'secure'
      ? { ...secure, validUntilMs }
      : ((await strippedBelow(zone, rrset.owner, rrset.type, judgement, firstInception(verdict.records))) ??
        insecure(verdict.fault, whole, validUntilMs))
  return { rrset: capped, proof, denialRecords: verdict.records, inception }
}

function isOfZoneAbove(type: number): boolean {
  return type === DS.code || type === NSEC.code
}

/**
 * Of what is insecure by the word of `zone`: nothing above a zone that is known to be signed can make that insecure
 * (RFC 4035 §4.3), else whoever strips its signatures would only have to replay the opt-out of a zone above, or an NSEC from
 * before it was signed.
 */
export async function strippedBelow(
  zone: Name,
  name: Name,
  type: number,
  judgement: Judgement,
  inception?: number,
): Promise<Unproved<'bogus'> | undefined> {
  const { zones } = judgement
  const base = zoneNameOf(name, type)
  if (!zones.hasAnchorBelow(zone, base) && !zones.hasProvedBelow(zone, base, inception)) return undefined
  const proof = await unsignedProof([], name, type, judgement)
  return proof.security === 'bogus' ? proof : undefined
}
