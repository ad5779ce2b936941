/** The walk from a trust anchor down to the zone of a name, by DS at every label: cuts are proved, never guessed (RFC 4035 §5.2). */
import { abortable, isAtOrBelow, type Link, type Name, parentOf, selfAndAncestors } from '@portolan/core'
import type { TrustAnchors } from './anchors.ts'
import { decodeDsSet, type EntryPoint, keysOf, unsupportedFault } from './delegation.ts'
import type { Obtained, Questions } from './questions.ts'
import { bogus, type Fault, insecure, isByTime } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import type { Work } from './work.ts'
import { type Cut, judgeCut } from './zone-cut.ts'
import type { SecureZone, ZoneState } from './zone-state.ts'

export interface Zones {
  /**
   * The zone that holds `name` (its own where it is an apex), or why there is no secure one.
   * Rejects with the reason of the work's signal only.
   */
  stateAt(name: Name, work: Work): Promise<ZoneState>
  /** Whether a trust anchor is below `zone`, at or above `name`: what is said of `zone` then says nothing of the name. */
  hasAnchorBelow(zone: Name, name: Name): boolean
  /** Sends the questions that a walk to `name` would need, without waiting. */
  prefetch(name: Name, nowMs: number): void
}

/** A bogus verdict is not kept longer (RFC 9520 §3.2 allows up to five minutes; a clock may be set right any time). */
const BOGUS_MS = 3_000
/** Labels asked about at once; a name with more is walked in several rounds. */
const PREFETCH_LABELS = 8
const MAX_STATES = 8_192
const OF_ONE_QUESTION: ReadonlySet<string> = new Set(['limit-questions', 'limit-crypto-budget'])
/** What configuration alone says holds for a day at a time. */
const ANCHOR_MS = 86_400_000

interface Known {
  readonly promise: Promise<ZoneState>
  readonly computedAtMs: number
  state?: ZoneState
}

export function zonesBelow(anchors: TrustAnchors, questions: Questions, monotonicNow: () => number): Zones {
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
    const beganMs = monotonicNow()
    const promise = compute(name, work)
    const entry: Known = { promise, computedAtMs: work.nowMs }
    known.delete(name)
    known.set(name, entry)
    const [oldest] = known.keys()
    if (known.size > MAX_STATES && oldest !== undefined) known.delete(oldest)
    try {
      const state = await promise
      if (state.security !== 'bogus') {
        entry.state = state
        return state
      }
      // A limit of one question is no fact about the zone; too many keys or signatures are.
      if (OF_ONE_QUESTION.has(state.reason)) known.delete(name)
      // From now on, not from when it was asked: it may have taken longer than that to fail.
      entry.state = { ...state, validUntilMs: work.nowMs + (monotonicNow() - beganMs) + BOGUS_MS }
      return entry.state
    } catch (error) {
      known.delete(name)
      throw error
    }
  }

  const compute = async (name: Name, work: Work): Promise<ZoneState> => {
    const anchor = anchors.get(name)
    if (anchor !== undefined) {
      return enter({ ...anchor, isAnchor: true }, [], work.nowMs + ANCHOR_MS, questions, onWalk(work))
    }
    const parent = parentOf(name)
    if (parent === undefined) {
      return insecure({ reason: 'no-anchor', detail: 'no trust anchor is above the name' }, [], work.nowMs + ANCHOR_MS)
    }
    const above = await stateAt(parent, work)
    if (above.security !== 'secure' || above.isBarren === true) return above
    return stepDown(above, name, questions, onWalk(work))
  }

  return {
    async stateAt(name, work) {
      // Others wait for the same walk, so whoever leaves does not end it.
      return live(name, work.nowMs)?.state ?? abortable(stateAt(name, work), work.signal)
    },
    hasAnchorBelow(zone, name) {
      return selfAndAncestors(name).some((at) => at !== zone && isAtOrBelow(at, zone) && anchors.has(at))
    },
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

function onWalk(work: Work): Work {
  return { ...work, budget: work.budget.ofWalk() }
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
    if ('reply' in obtained) return keysOf(entry, obtained.reply, onWalk(work))
    return { fault: { reason: 'dnskey-unobtainable', detail: obtained.failure } }
  })
  if ('fault' in result) return bogus(result.fault, chain, work.nowMs + BOGUS_MS)
  const { keys, verified } = result
  questions.limit(entry.zone, DNSKEY.code, verified.ttlSeconds * 1_000)
  return {
    security: 'secure',
    zone: entry.zone,
    keys,
    chain: [...chain, verified.link],
    validUntilMs: Math.min(untilMs, verified.validUntilMs),
  }
}

async function stepDown(above: SecureZone, name: Name, questions: Questions, work: Work): Promise<ZoneState> {
  const step = await judgedTwice(questions, name, DS.code, async (obtained): Promise<Cut> => {
    if ('reply' in obtained) return judgeCut(above, name, obtained.reply, onWalk(work))
    return { fault: { reason: 'ds-unobtainable', detail: obtained.failure } }
  })
  if ('fault' in step) return bogus(step.fault, above.chain, work.nowMs + BOGUS_MS)
  const provedUntilMs = step.kind === 'child' ? step.verified.validUntilMs : step.validUntilMs
  questions.limit(name, DS.code, provedUntilMs - work.nowMs)
  const untilMs = Math.min(above.validUntilMs, provedUntilMs)
  switch (step.kind) {
    case 'insecure':
      return insecure(step.why, above.chain, untilMs)
    case 'same':
      return { ...above, isBarren: step.isBarren, validUntilMs: untilMs }
    case 'child': {
      const { rrset, verified } = step
      const entry = { zone: name, ds: decodeDsSet(rrset.records), dnskeys: [], isAnchor: false }
      return enter(entry, [...above.chain, verified.link], untilMs, questions, work)
    }
  }
}
