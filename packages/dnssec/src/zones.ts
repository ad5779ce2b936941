/** The walk from a trust anchor down to the zone of a name, by DS at every label: cuts are proved, never guessed (RFC 4035 §5.2). */
import {
  isAtOrBelow,
  type Link,
  type Name,
  parentOf,
  type Reply,
  ROOT,
  type Rrset,
  selfAndAncestors,
  type Unproved,
} from '@portolan/core'
import type { TrustAnchors } from './anchors.ts'
import { decodeDsSet, type EntryPoint, keysOf, unsupportedFault } from './delegation.ts'
import { judgeDenial, judgeExpansion } from './denial.ts'
import { evidenceOf } from './evidence.ts'
import type { ZoneKey } from './keys.ts'
import { Budget } from './limits.ts'
import type { Obtained, Questions } from './questions.ts'
import { rcodeFault } from './rcode.ts'
import { bogus, type Fault, insecure, isByTime } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { isDelegation } from './types-at-name.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'

export interface SecureZone {
  readonly security: 'secure'
  /** The apex; the name that was asked about stands in this zone. */
  readonly zone: Name
  readonly keys: readonly ZoneKey[]
  readonly chain: readonly Link[]
  readonly validUntilMs: number
  /** Nothing exists at the name or below: no further cut can be there. */
  readonly isBarren?: boolean | undefined
}

export type ZoneState = SecureZone | Unproved<'insecure'> | Unproved<'bogus'>

export interface Zones {
  /** The zone that holds `name` (its own where it is an apex), or why there is no secure one. */
  stateAt(name: Name, work: Work): Promise<ZoneState>
  /** Sends the questions that a walk to `name` would need, without waiting. */
  prefetch(name: Name, nowMs: number): void
}

const CNAME = 5
const DNAME = 39
/** A bogus verdict is not kept longer (RFC 9520 §3.2 allows up to five minutes; a clock may be set right any time). */
const BOGUS_MS = 3_000
/** Labels asked about at once; a name with more is walked in several rounds. */
const PREFETCH_LABELS = 8
const MAX_STATES = 8_192
/** What configuration alone says holds for a day at a time. */
const ANCHOR_MS = 86_400_000

interface Known {
  readonly promise: Promise<ZoneState>
  readonly computedAtMs: number
  state?: ZoneState
}

export function zonesBelow(anchors: TrustAnchors, questions: Questions): Zones {
  const known = new Map<Name, Known>()

  const live = (name: Name, nowMs: number) => {
    const entry = known.get(name)
    if (entry?.state === undefined) return entry
    // A state that is valid for no time at all still serves the question that it was made for.
    return nowMs <= Math.max(entry.state.validUntilMs ?? nowMs, entry.computedAtMs) ? entry : undefined
  }

  const stateAt = async (name: Name, work: Work): Promise<ZoneState> => {
    const held = live(name, work.nowMs)
    if (held !== undefined) return held.promise
    if (!work.budget.takeZoneStep()) {
      return bogus({ reason: 'limit-questions', detail: `too many zones to look into, at ${name}` }, [], work.nowMs)
    }
    const promise = compute(name, work)
    const entry: Known = { promise, computedAtMs: work.nowMs }
    known.delete(name)
    known.set(name, entry)
    const [oldest] = known.keys()
    if (known.size > MAX_STATES && oldest !== undefined) known.delete(oldest)
    entry.state = await promise
    // A limit of one question is no fact about the zone.
    if (entry.state.security === 'bogus' && entry.state.reason === 'limit-questions') known.delete(name)
    return entry.state
  }

  const compute = async (name: Name, work: Work): Promise<ZoneState> => {
    const anchor = anchors.get(name)
    if (anchor !== undefined) {
      return enter({ ...anchor, isAnchor: true }, [], work.nowMs + ANCHOR_MS, questions, ownBudget(work))
    }
    const parent = parentOf(name)
    if (parent === undefined) {
      return insecure({ reason: 'no-anchor', detail: 'no trust anchor is above the name' }, [], work.nowMs + ANCHOR_MS)
    }
    const above = await stateAt(parent, work)
    if (above.security !== 'secure' || above.isBarren === true) return above
    return stepDown(above, name, questions, ownBudget(work))
  }

  return {
    stateAt,
    prefetch(name, nowMs) {
      const path = selfAndAncestors(name)
      const anchor = path.findIndex((at) => anchors.has(at))
      if (anchor < 0) return
      const open = path.slice(0, anchor + 1).filter((at) => live(at, nowMs) === undefined)
      for (const at of open.slice(-PREFETCH_LABELS)) {
        if (!anchors.has(at)) void questions.ask(at, DS.code)
        void questions.ask(at, DNSKEY.code)
      }
    },
  }
}

/** Walks are shared, so no single question's budget pays for them. */
function ownBudget(work: Work): Work {
  return { ...work, budget: new Budget(work.limits) }
}

/** Judges a reply; where that ends bogus, once more what the server gives with checking enabled. */
async function judgedTwice<T extends object>(
  questions: Questions,
  name: Name,
  type: number,
  judge: (obtained: Obtained) => Promise<T | { readonly fault: Fault }>,
): Promise<T | { readonly fault: Fault }> {
  const first = await judge(await questions.ask(name, type))
  if (!('fault' in first)) return first
  const again = await questions.ask(name, type, { checkingDisabled: false })
  const second = 'failure' in again ? first : await judge(again)
  if ('reply' in again && !('fault' in second)) questions.keep(again.reply)
  // What fails by time is kept: it is the clock that may get better (RFC 9520), and then the same records will do.
  else if (!isByTime(first.fault.reason)) questions.forget(name, type)
  return 'fault' in second ? first : second
}

/** The keys of a zone whose entry point is trusted. */
async function enter(
  entry: EntryPoint,
  chain: readonly Link[],
  untilMs: number,
  questions: Questions,
  work: Work,
): Promise<ZoneState> {
  const unsupported = unsupportedFault(entry, work)
  if (unsupported !== undefined) return insecure(unsupported, chain, untilMs)
  const result = await judgedTwice(questions, entry.zone, DNSKEY.code, async (obtained) => {
    if ('reply' in obtained) return keysOf(entry, obtained.reply, ownBudget(work))
    return { fault: { reason: 'dnskey-unobtainable', detail: obtained.failure } }
  })
  if ('fault' in result) return bogus(result.fault, chain, work.nowMs + BOGUS_MS)
  const { keys, verified } = result
  return {
    security: 'secure',
    zone: entry.zone,
    keys,
    chain: [...chain, verified.link],
    validUntilMs: Math.min(untilMs, verified.validUntilMs),
  }
}

/** What the parent's zone says of `name`, one label below what is known. */
type Step =
  | { readonly kind: 'child'; readonly rrset: Rrset; readonly verified: Verified }
  | { readonly kind: 'same'; readonly isBarren: boolean; readonly validUntilMs: number }
  | { readonly kind: 'insecure'; readonly why: Fault; readonly validUntilMs: number }
  | { readonly fault: Fault }

async function stepDown(above: SecureZone, name: Name, questions: Questions, work: Work): Promise<ZoneState> {
  const step = await judgedTwice(questions, name, DS.code, async (obtained): Promise<Step> => {
    if ('reply' in obtained) return judgeStep(above, name, obtained.reply, ownBudget(work))
    return { fault: { reason: 'ds-unobtainable', detail: obtained.failure } }
  })
  if ('fault' in step) return bogus(step.fault, above.chain, work.nowMs + BOGUS_MS)
  const untilMs = (ms: number) => Math.min(above.validUntilMs, ms)
  switch (step.kind) {
    case 'insecure':
      return insecure(step.why, above.chain, untilMs(step.validUntilMs))
    case 'same':
      return { ...above, isBarren: step.isBarren, validUntilMs: untilMs(step.validUntilMs) }
    case 'child': {
      const { rrset, verified } = step
      const entry = { zone: name, ds: decodeDsSet(rrset.records), dnskeys: [], isAnchor: false }
      return enter(entry, [...above.chain, verified.link], untilMs(verified.validUntilMs), questions, work)
    }
  }
}

async function judgeStep(above: SecureZone, name: Name, reply: Reply, work: Work): Promise<Step> {
  const { answer, authority } = reply
  const at = (type: number) => answer.find((one) => one.owner === name && one.type === type && one.records.length > 0)
  const ds = at(DS.code)
  if (ds !== undefined) {
    const result = await verifyRrset(ds, above.zone, above.keys, work)
    if ('fault' in result) return result
    if (!isWildcardExpansion(result.verified.rrsig, name))
      return { kind: 'child', rrset: ds, verified: result.verified }
    return { fault: { reason: 'wildcard-not-allowed', detail: `the DS of ${name} was made of a wildcard` } }
  }
  const dname = answer.find(({ owner, type, records }) => {
    return type === DNAME && records.length > 0 && owner !== name && isAtOrBelow(name, owner)
  })
  // A signed alias is where its zone has no cut; below a DNAME there is nothing at all (RFC 6672 §2.4).
  if (dname !== undefined) return aliasStep(dname, true, above, authority, work)
  const cname = at(CNAME)
  if (cname !== undefined) return aliasStep(cname, false, above, authority, work)
  return denialStep(above, name, reply, work)
}

async function aliasStep(
  rrset: Rrset,
  isBarren: boolean,
  above: SecureZone,
  authority: readonly Rrset[],
  work: Work,
): Promise<Step> {
  const result = await verifyRrset(rrset, above.zone, above.keys, work)
  if ('fault' in result) return result
  const { rrsig, validUntilMs } = result.verified
  if (!isWildcardExpansion(rrsig, rrset.owner)) return { kind: 'same', isBarren, validUntilMs }
  const evidence = await evidenceOf(authority, above.zone, above.keys, work)
  const verdict = await judgeExpansion(evidence, rrset.owner, rrsig.labels, work)
  if (verdict.security === 'bogus') return { fault: verdict.fault }
  if (verdict.security === 'insecure') return { kind: 'insecure', why: verdict.fault, validUntilMs }
  return { kind: 'same', isBarren, validUntilMs }
}

/** RFC 4035 §5.2, RFC 6840 §4.4: only NS without SOA and DS is an unsigned delegation. */
async function denialStep(above: SecureZone, name: Name, reply: Reply, work: Work): Promise<Step> {
  const evidence = await evidenceOf(reply.authority, above.zone, above.keys, work)
  const verdict = await judgeDenial(evidence, name, DS.code, work)
  if (verdict.security === 'bogus') {
    const { reason, detail } = verdict.fault
    return { fault: { reason, detail: `whether ${name} is a signed zone is not proved: ${detail}` } }
  }
  const validUntilMs = Math.min(...verdict.records.map(({ verified }) => verified.validUntilMs))
  if (verdict.security === 'insecure') return { kind: 'insecure', why: verdict.fault, validUntilMs }
  const contradiction = rcodeFault(reply.rcode, verdict, name)
  if (contradiction !== undefined) return { fault: contradiction }
  if (verdict.types !== undefined && isDelegation(verdict.types)) {
    const why: Fault = { reason: 'no-ds', detail: `${above.zone} proves that ${name} is an unsigned delegation` }
    return { kind: 'insecure', why, validUntilMs }
  }
  return { kind: 'same', isBarren: verdict.kind === 'nxdomain', validUntilMs }
}

/** Where the DS of a name stands: in its parent's zone (RFC 4035 §3.1.4.1); the root's own word is all there is of it. */
export function zoneNameOf(name: Name, type: number): Name {
  return type === DS.code ? (parentOf(name) ?? ROOT) : name
}
