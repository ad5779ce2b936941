/** The verdict on an absence: the denial records of the zone that signed them, else what is proved of the zone. */
import { isAtOrBelow, type Name, type Proof, type Reply, type Rrset } from '@portolan/core'
import { cappedRrset } from './capped.ts'
import { type DenialVerdict, judgeDelegation, judgeDenial } from './denial.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { NXDOMAIN, rcodeFault } from './rcode.ts'
import { bogus, type Fault, insecure } from './reasons.ts'
import { NSEC } from './records/nsec.ts'
import { NSEC3 } from './records/nsec3.ts'
import { type Failure, faulty, type Judgement, signersOf, strippedBelow, unsignedProof } from './rrset.ts'
import { firstInception } from './signed-zones.ts'
import { SOA } from './type-codes.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'
import { zoneNameOf } from './zone-cut.ts'
import type { SecureZone } from './zone-state.ts'

const DENIAL_TYPES: ReadonlySet<number> = new Set([NSEC.code, NSEC3.code])

export interface JudgedAbsence {
  readonly kind: 'nodata' | 'nxdomain'
  readonly proof: Proof
  /** The denial records and the SOA, TTLs capped: the cache takes the negative TTL from them. */
  readonly authority: readonly Rrset[]
}

export interface AbsentQuestion {
  readonly name: Name
  readonly type: number
}

/** By the authority section and response code of a reply. */
export async function judgeAbsence(
  reply: Reply,
  question: AbsentQuestion,
  judgement: Judgement,
): Promise<JudgedAbsence> {
  const { name, type } = question
  const { zones, work } = judgement
  const claimed = reply.rcode === NXDOMAIN ? 'nxdomain' : 'nodata'
  const denial = reply.authority.filter((rrset) => DENIAL_TYPES.has(rrset.type))
  let failure: Failure | undefined
  for (const signer of signersOf(denial, name, type)) {
    zones.prefetch(signer, work.nowMs)
    const state = await zones.stateAt(signer, work)
    if (state.security !== 'secure' || state.zone !== signer) continue
    const absence = await deniedBy(state, reply, question, judgement)
    if (!('fault' in absence)) return absence
    failure ??= { fault: absence.fault, chain: state.chain }
  }
  const proof = faulty(failure, await unsignedProof(denial, name, type, judgement), work)
  const soa = reply.authority.filter((rrset) => rrset.type === SOA && isAtOrBelow(name, rrset.owner))
  return { kind: claimed, proof, authority: proof.security === 'insecure' ? soa : [] }
}

async function deniedBy(
  state: SecureZone,
  reply: Reply,
  question: AbsentQuestion,
  judgement: Judgement,
): Promise<JudgedAbsence | { readonly fault: Fault }> {
  const { zone, keys, chain } = state
  const { work } = judgement
  const { name } = question
  const evidence = await evidenceOf(reply.authority, zone, keys, work)
  const verdict = await settled(evidence, question, judgement)
  if (verdict.security === 'bogus') return verdict
  const soa = await signedSoa(reply.authority, zone, keys, work)
  if (soa !== undefined && 'fault' in soa) return soa
  const records = verdict.records.map(({ rrset, verified }) => ({ rrset, verified }))
  const used = soa === undefined ? records : [...records, soa]
  const links = new Map(used.map(({ verified }) => [`${verified.link.type} ${verified.key.tag}`, verified.link]))
  const whole = [...chain, ...links.values()]
  const validUntilMs = Math.min(...used.map(({ verified }) => verified.validUntilMs))
  const authority = [...new Map(used.map((one) => [one.rrset, one])).values()].map(({ rrset, verified }) =>
    cappedRrset(rrset, verified.ttlSeconds),
  )
  const inception = firstInception(verdict.records)
  if (verdict.security === 'insecure') {
    // Nothing is proved of the kind, so it stays what the server said.
    const kind = reply.rcode === NXDOMAIN ? 'nxdomain' : 'nodata'
    const stripped = await strippedBelow(zone, name, question.type, judgement, inception)
    if (stripped !== undefined) return { kind, proof: stripped, authority: [] }
    if (kind === 'nxdomain' && verdict.kind === 'nodata') {
      const detail = `the server says NXDOMAIN for ${name} without a proof of it`
      return { fault: { reason: 'rcode-contradicts-proof', detail } }
    }
    return { kind, proof: insecure(verdict.fault, whole, validUntilMs), authority }
  }
  if (judgement.zones.hasProvedBelow(zone, name, inception)) {
    const detail = `${zone} denies ${name}, but a zone between them was proved to be signed`
    return { fault: { reason: 'denial-insufficient', detail } }
  }
  const contradiction = rcodeFault(reply.rcode, verdict, name)
  if (contradiction !== undefined) {
    return { kind: verdict.kind, proof: bogus(contradiction, whole, work.nowMs), authority: [] }
  }
  const proof: Proof = { security: 'secure', provenance: 'validated', zone, validUntilMs, chain: whole }
  return { kind: verdict.kind, proof, authority }
}

/** The denial's own verdict, or what decides where it leaves open whether the name is in another zone. */
async function settled(
  evidence: Evidence,
  { name, type }: AbsentQuestion,
  judgement: Judgement,
): Promise<DenialVerdict> {
  const verdict = await judgeDenial(evidence, name, type, judgement.work)
  const isOpen = verdict.security === 'insecure' && verdict.isOpen === true
  if (isOpen || verdict.security === 'bogus') {
    const delegation = await judgeDelegation(evidence, zoneNameOf(name, type), judgement.work)
    if (delegation !== undefined) return (await contradiction(name, type, judgement)) ?? delegation
  }
  if (!isOpen) return verdict
  // So weak a proof counts only where everything that came with it held, and the DS question says the same.
  if (evidence.fault !== undefined) return { security: 'bogus', fault: evidence.fault }
  const proof = await unsignedProof([], name, type, judgement)
  if (proof.security !== 'bogus') return verdict
  return { security: 'bogus', fault: { reason: 'denial-insufficient', detail: proof.detail } }
}

/** That the name's own zone is signed after all: the delegation is one from before that. A DS that nobody gives says nothing. */
async function contradiction(name: Name, type: number, judgement: Judgement): Promise<DenialVerdict | undefined> {
  const { reason, detail } = await unsignedProof([], name, type, judgement)
  if (reason !== 'signature-missing') return undefined
  return { security: 'bogus', fault: { reason: 'denial-insufficient', detail } }
}

/** The SOA of the zone, where it came: it carries the negative TTL (RFC 2308 §5), so a forged one must not pass. */
async function signedSoa(
  authority: readonly Rrset[],
  zone: Name,
  keys: SecureZone['keys'],
  work: Work,
): Promise<{ readonly rrset: Rrset; readonly verified: Verified } | { readonly fault: Fault } | undefined> {
  const rrset = authority.find(({ type, records }) => type === SOA && records.length > 0)
  if (rrset === undefined) return undefined
  const result = await verifyRrset(rrset, zone, keys, work)
  return 'fault' in result ? result : { rrset, verified: result.verified }
}
