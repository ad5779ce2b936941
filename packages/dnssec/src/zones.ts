/** What is known of the zones that hold names, each walked to once for all who need it, and kept. */
import { abortable, isAtOrBelow, type Name, parentOf, selfAndAncestors } from '@portolan/core'
import type { TrustAnchors } from './anchors.ts'
import type { Questions } from './questions.ts'
import { BOGUS_MS, bogus, insecure } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import type { SignedZones } from './signed-zones.ts'
import { enter, stepDown } from './walk.ts'
import type { Work } from './work.ts'
import type { ZoneState } from './zone-state.ts'

export interface Zones {
  /**
   * The zone that holds `name` (its own where it is an apex), or why there is no secure one.
   * Rejects with the reason of the work's signal only.
   */
  stateAt(name: Name, work: Work): Promise<ZoneState>
  /** Whether a trust anchor is below `zone`, at or above `name`: `zone` then cannot make the name insecure. */
  hasAnchorBelow(zone: Name, name: Name): boolean
  /**
   * Whether the DS of a zone there was proved and has not ended: then `zone` has no say about the name at all, by nothing that
   * it had signed by that inception.
   */
  hasProvedBelow(zone: Name, name: Name, inception?: number): boolean
  /** Sends the questions that a walk to `name` would need first, without waiting. */
  prefetch(name: Name, nowMs: number): void
}

export interface ZonesOptions {
  readonly anchors: TrustAnchors
  readonly questions: Questions
  readonly signed: SignedZones
  readonly monotonicNow: () => number
}

/** Labels asked about at once; a name with more is walked in several rounds. */
const PREFETCH_LABELS = 8
const MAX_STATES = 8_192
const OF_ONE_QUESTION: ReadonlySet<string> = new Set(['limit-questions', 'limit-crypto-budget'])
/** What configuration alone says holds for a day at a time. */
const ANCHOR_MS = 86_400_000

interface Walk {
  readonly promise: Promise<ZoneState>
  readonly computedAtMs: number
  /** Where it led; absent while it is under way. */
  state?: ZoneState
}

export function zonesBelow({ anchors, questions, signed, monotonicNow }: ZonesOptions): Zones {
  const walks = new Map<Name, Walk>()

  const live = (name: Name, nowMs: number) => {
    const walk = walks.get(name)
    if (walk?.state === undefined) return walk
    // A state that is valid for no time at all still serves the question that it was made for.
    return nowMs <= Math.max(walk.state.validUntilMs ?? nowMs, walk.computedAtMs) ? walk : undefined
  }

  const forget = (name: Name, walk: Walk) => {
    if (walks.get(name) === walk) walks.delete(name)
  }

  const stateAt = async (name: Name, work: Work): Promise<ZoneState> => {
    const held = live(name, work.nowMs)
    if (held === undefined) return begin(name, work)
    const state = await held.promise
    // Another question has come to its limit, and this one has its own. (A zone that is too dear is so for everybody.)
    const isSpent = state.security === 'bogus' && state.reason === 'limit-questions'
    return isSpent ? stateAt(name, work) : state
  }

  const begin = async (name: Name, work: Work): Promise<ZoneState> => {
    if (!work.budget.takeZoneStep()) {
      return bogus({ reason: 'limit-questions', detail: `too many zones to look into, at ${name}` }, [], work.nowMs)
    }
    const promise = walkTo(name, work)
    const walk: Walk = { promise, computedAtMs: work.nowMs }
    walks.delete(name)
    walks.set(name, walk)
    const [oldest] = walks.keys()
    if (walks.size > MAX_STATES && oldest !== undefined) walks.delete(oldest)
    try {
      const state = await promise
      // A limit of one question is no fact about the zone; too many keys or signatures are.
      if (isOfOneQuestion(state)) forget(name, walk)
      walk.state = state
      return state
    } catch (error) {
      forget(name, walk)
      throw error
    }
  }

  const walkTo = async (name: Name, work: Work): Promise<ZoneState> => {
    const beganMs = monotonicNow()
    // From its end on, not from when it was asked: it may have taken longer than that to fail.
    const sinceEnd = (state: ZoneState): ZoneState => {
      if (state.security !== 'bogus') return state
      return { ...state, validUntilMs: work.nowMs + (monotonicNow() - beganMs) + BOGUS_MS }
    }
    const context = { questions, signed, work: { ...work, budget: work.budget.ofWalk() } }
    const anchor = anchors.get(name)
    if (anchor !== undefined) {
      return sinceEnd(await enter({ ...anchor, isAnchor: true }, [], work.nowMs + ANCHOR_MS, context))
    }
    const parent = parentOf(name)
    if (parent === undefined) {
      return insecure({ reason: 'no-anchor', detail: 'no trust anchor is above the name' }, [], work.nowMs + ANCHOR_MS)
    }
    const above = await stateAt(parent, work)
    if (above.security !== 'secure' || above.isBarren === true) return above
    return sinceEnd(await stepDown(above, name, context))
  }

  return {
    async stateAt(name, work) {
      // Others wait for the same walk, so whoever leaves does not end it.
      return live(name, work.nowMs)?.state ?? abortable(stateAt(name, work), work.signal)
    },
    hasAnchorBelow: (zone, name) =>
      selfAndAncestors(name).some((at) => at !== zone && isAtOrBelow(at, zone) && anchors.has(at)),
    hasProvedBelow: signed.hasBelow,
    prefetch(name, nowMs) {
      if (live(name, nowMs) !== undefined) return
      const path = selfAndAncestors(name)
      const anchor = path.findIndex((at) => anchors.has(at))
      if (anchor < 0) return
      const below = path.slice(0, anchor + 1)
      const known = below.find((at) => live(at, nowMs) !== undefined)
      const closest = known === undefined ? undefined : live(known, nowMs)?.state
      // Nothing is to be found below a zone that is unsigned, or a name that does not exist.
      if (closest !== undefined && (closest.security !== 'secure' || closest.isBarren === true)) return
      const open = below.filter((at) => live(at, nowMs) === undefined)
      for (const at of open.slice(-PREFETCH_LABELS)) {
        if (!anchors.has(at)) void questions.ask(at, DS.code)
        void questions.ask(at, DNSKEY.code)
      }
    },
  }
}

function isOfOneQuestion(state: ZoneState): boolean {
  return state.security === 'bogus' && OF_ONE_QUESTION.has(state.reason)
}
