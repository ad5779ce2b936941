/** Judges a whole reply: each hop of the alias chain, its end, and what has no business to be there (RFC 4035 §5, RFC 6672 §5.3). */
import {
  CNAME,
  type Denial,
  DNAME,
  isAtOrBelow,
  type Name,
  type Proof,
  type Reply,
  type Rrset,
  typeText,
  weakest,
} from '@portolan/core'
import { judgeAbsence } from './absence.ts'
import { type ChainStep, dnameAbove, type FaultyStep, nextStep, synthesised } from './alias-step.ts'
import { NOERROR, NXDOMAIN } from './rcode.ts'
import { BOGUS_MS, bogus, type Fault, insecure } from './reasons.ts'
import { RRSIG } from './records/rrsig.ts'
import { type JudgedRrset, type Judgement, judgeRrset, strippedBelow } from './rrset.ts'
import { ANY, SOA } from './type-codes.ts'

/** The reply as it may be handed on. Its `proof` says what it is worth; where that is bogus no record is left. */
export async function judgeReply(reply: Reply, judgement: Judgement): Promise<Reply> {
  const { name, type } = reply.query
  if (type === RRSIG.code && !isDenied(reply)) return judgeSignatures(reply, judgement)
  if (type !== ANY) return judgeChain(reply, judgement)
  const atName = reply.answer.filter(({ owner, records }) => owner === name && records.length > 0)
  const isRedirected = dnameAbove(reply.answer, name) !== undefined
  if (atName.length > 0 && !isRedirected) return judgeAll(reply, atName, judgement)
  return judgeChain(reply, judgement)
}

/** What was judged so far, in the order of the chain. */
interface Chain {
  readonly rrsets: readonly Rrset[]
  readonly proofs: readonly Proof[]
  /** Denial records that the proofs needed. */
  readonly authority: readonly Rrset[]
}

const NOTHING: Chain = { rrsets: [], proofs: [], authority: [] }

async function judgeChain(reply: Reply, judgement: Judgement): Promise<Reply> {
  const { name, type } = reply.query
  const visited: Name[] = [name]
  let chain = NOTHING
  for (let at = name; ; ) {
    const isFirst = at === name
    const step = nextStep(reply.answer, at, type)
    if (step === undefined) return endInAbsence(reply, at, chain, judgement)
    if ('fault' in step) return isFirst ? endInFault(reply, step, judgement) : leftOpen(reply, chain)
    const judged = await judgeStep(step, at, reply, judgement)
    if (judged.proof.security === 'bogus') return isFirst ? refused(reply, judged.proof) : leftOpen(reply, chain)
    chain = longer(chain, judged)
    if (step.target === undefined) return endInRecords(reply, at, chain, judgement)
    if (step.via === 'DNAME') chain = longer(chain, { ...judged, rrset: synthesised(at, step.target, judged.rrset) })
    if (step.via === 'DNAME' && wantsAlias(reply)) return endInRecords(reply, at, chain, judgement)
    const isTooLong = visited.length > judgement.work.limits.aliasesPerReply
    if (visited.includes(step.target) || isTooLong) return leftOpen(reply, chain)
    visited.push(step.target)
    at = step.target
  }
}

/**
 * Who asks for CNAME or ANY wants the alias itself (RFC 1034 §3.6.2). Some servers follow the DNAME all the same: a response
 * code of NXDOMAIN speaks of the last name of the chain (RFC 2308 §2.1).
 */
function wantsAlias({ query: { type }, rcode }: Reply): boolean {
  return (type === CNAME.code || type === ANY) && rcode !== NXDOMAIN
}

/** The zone's own mistake where its records are worth nothing anyway (RFC 4035 §4.3), else somebody's attack. */
async function endInFault(reply: Reply, { rrset, fault }: FaultyStep, judgement: Judgement): Promise<Reply> {
  const { name } = reply.query
  const judged = await judgeRedirection(rrset, name, reply, judgement)
  if (judged.proof.security !== 'insecure') return refused(reply, bogusNow(fault, judgement))
  return endInRecords(reply, name, longer(NOTHING, judged), judgement)
}

function judgeStep(step: ChainStep, at: Name, reply: Reply, judgement: Judgement): Promise<JudgedRrset> {
  const { rrset, via } = step
  return via === 'DNAME' ? judgeRedirection(rrset, at, reply, judgement) : judgeRrset(rrset, reply.authority, judgement)
}

/**
 * Of the name `at`, whose own zone may be secure below a DNAME that is not.
 * RFC 6672 §3.3: how a DNAME made of a wildcard redirects is not defined, so nothing may follow it.
 */
async function judgeRedirection(rrset: Rrset, at: Name, reply: Reply, judgement: Judgement): Promise<JudgedRrset> {
  const judged = await judgeRrset(rrset, reply.authority, judgement)
  if (rrset.type === DNAME.code && judged.denialRecords.length > 0) {
    const detail = `the DNAME at ${rrset.owner} was made of a wildcard`
    return { ...judged, proof: bogusNow({ reason: 'wildcard-not-allowed', detail }, judgement) }
  }
  if (judged.proof.security === 'secure' && judgement.zones.hasProvedBelow(rrset.owner, at, judged.inception)) {
    const detail = `${at} is in a zone that was proved to be signed, and the ${typeText(rrset.type)} above it not after that`
    return { ...judged, proof: bogusNow({ reason: 'wrong-signer', detail }, judgement) }
  }
  if (judged.proof.security !== 'insecure') return judged
  const stripped = await strippedBelow(rrset.owner, at, reply.query.type, judgement)
  return stripped === undefined ? judged : { ...judged, proof: stripped }
}

function longer(chain: Chain, { rrset, proof, denialRecords }: JudgedRrset): Chain {
  const { owner, type, records, signatures } = rrset
  return {
    rrsets: chain.rrsets.concat({ owner, type, records, signatures, proof }),
    proofs: chain.proofs.concat(proof),
    authority: together(
      chain.authority,
      denialRecords.map((one) => one.rrset),
    ),
  }
}

/** Each once. */
function together(some: readonly Rrset[], others: readonly Rrset[]): readonly Rrset[] {
  return others.length === 0 ? some : [...new Set([...some, ...others])]
}

function endInRecords(reply: Reply, at: Name, chain: Chain, judgement: Judgement): Reply {
  const { query, rcode, answer } = reply
  const proof = joined(chain)
  if (rcode === NXDOMAIN && proof.security === 'secure') {
    const detail = `the server says NXDOMAIN beside the records of ${at}`
    return refused(reply, bogusNow({ reason: 'rcode-contradicts-proof', detail }, judgement))
  }
  // For ANY servers add what they like (RFC 8482), such as the target of an alias; only what was judged is handed on.
  const foreign = proof.security === 'secure' && query.type !== ANY ? foreignRrset(answer, chain) : undefined
  if (foreign !== undefined) {
    const detail = `unsigned records of ${foreign.owner} stand in the answer to ${query.name}`
    return refused(reply, bogusNow({ reason: 'foreign-records', detail }, judgement))
  }
  return handedOn(reply, chain, proof)
}

/** Unsigned records that the chain does not account for: somebody put them there. */
function foreignRrset(answer: readonly Rrset[], { rrsets }: Chain): Rrset | undefined {
  const isOnChain = ({ owner, type }: Rrset) => rrsets.some((one) => one.owner === owner && one.type === type)
  return answer.find((rrset) => rrset.records.length > 0 && rrset.signatures.length === 0 && !isOnChain(rrset))
}

async function endInAbsence(reply: Reply, at: Name, chain: Chain, judgement: Judgement): Promise<Reply> {
  const isFirst = chain.rrsets.length === 0
  const absence = await judgeAbsence(reply, { name: at, type: reply.query.type }, judgement)
  const { proof, kind } = absence
  if (proof.security === 'bogus') return isFirst ? refused(reply, proof) : leftOpen(reply, chain)
  if (proof.security !== 'secure' && !isFirst && !isWordOnEnd(reply, at)) return leftOpen(reply, chain)
  const foreign = proof.security === 'secure' ? foreignRrset(reply.answer, chain) : undefined
  if (foreign !== undefined) {
    const detail = `unsigned records of ${foreign.owner} stand beside the denial of ${at}`
    return refused(reply, bogusNow({ reason: 'foreign-records', detail }, judgement))
  }
  const denial: Denial = { owner: at, kind, proof }
  return {
    ...handedOn(reply, chain, joined(chain, proof)),
    rcode: kind === 'nxdomain' ? NXDOMAIN : NOERROR,
    authority: together(absence.authority, chain.authority),
    denial,
  }
}

/** Whether an unsigned message speaks of the end of the chain at all (RFC 2308 §2): else the target is asked for. */
function isWordOnEnd({ rcode, authority }: Reply, at: Name): boolean {
  return rcode === NXDOMAIN || authority.some(({ type, owner }) => type === SOA && isAtOrBelow(at, owner))
}

/** The chain goes on beyond what this message proves: whoever asked asks for the last target. */
function leftOpen(reply: Reply, chain: Chain): Reply {
  return handedOn(reply, chain, joined(chain))
}

/** Member by member, as in `workOf`. */
function handedOn(
  { query, truncated, authenticData, server, extendedErrors, expiresAtMs, age }: Reply,
  { rrsets: answer, authority }: Chain,
  proof: Proof,
): Reply {
  return {
    query,
    rcode: NOERROR,
    truncated,
    authenticData,
    server,
    answer,
    authority,
    extendedErrors,
    denial: undefined,
    proof,
    expiresAtMs,
    age,
  }
}

function joined({ proofs }: Chain, last?: Proof): Proof {
  const [first, ...others] = last === undefined ? proofs : [...proofs, last]
  if (first === undefined) throw new TypeError('a chain without a proof')
  return weakest(first, ...others)
}

function refused(reply: Reply, proof: Proof): Reply {
  return { ...reply, answer: [], authority: [], denial: undefined, proof }
}

function bogusNow(fault: Fault, { work }: Judgement): Proof {
  return bogus(fault, [], work.nowMs)
}

/** ANY is answered with whatever the server likes (RFC 8482): each RRset is judged for itself. */
async function judgeAll(reply: Reply, rrsets: readonly Rrset[], judgement: Judgement): Promise<Reply> {
  let chain = NOTHING
  for (const rrset of rrsets) {
    const judged = await judgeRrset(rrset, reply.authority, judgement)
    if (judged.proof.security === 'bogus') return refused(reply, judged.proof)
    const step = nextStep([rrset], rrset.owner, rrset.type)
    if (step !== undefined && 'fault' in step && judged.proof.security === 'secure') {
      return refused(reply, bogusNow(step.fault, judgement))
    }
    chain = longer(chain, judged)
  }
  return endInRecords(reply, reply.query.name, chain, judgement)
}

function isDenied({ query: { name }, rcode, answer }: Reply): boolean {
  return rcode === NXDOMAIN && !answer.some(({ owner, signatures }) => owner === name && signatures.length > 0)
}

/**
 * Nothing signs a signature (RFC 4035 §2.2): RRSIG that somebody asked for are never secure, and no chain could make them
 * bogus either.
 */
function judgeSignatures(reply: Reply, { work }: Judgement): Reply {
  const { name } = reply.query
  const why: Fault = { reason: 'not-signed-type', detail: `nothing signs the RRSIG records of ${name}` }
  const proof = insecure(why, [], work.nowMs + BOGUS_MS)
  const answer = reply.answer
    .filter(({ owner, signatures }) => owner === name && signatures.length > 0)
    .map((rrset) => ({ ...rrset, records: [], proof }))
  const denial: Denial | undefined = answer.length > 0 ? undefined : { owner: name, kind: 'nodata', proof }
  return { ...reply, answer, authority: [], denial, proof }
}
