/** What is known of zones: kept while TTLs last, and learned anew where it would make an answer bogus. */
import { type Exchange, type Name, selfAndAncestors } from '@portolan/core'
import type { TrustAnchors } from './anchors.ts'
import { clocksOf } from './clock.ts'
import { type Questions, questionsTo, unchanged } from './questions.ts'
import { type SignedZones, signedZones } from './signed-zones.ts'
import { type Zones, zonesBelow } from './zones.ts'

/** What was asked about zones, and what was made of it. */
export interface ZoneData {
  readonly questions: Questions
  readonly zones: Zones
}

export interface Knowledge {
  /** What is kept. Its verdicts end when the wall clock is set, its records do not. */
  current(): ZoneData
  /** What is learned anew, by all who doubt what is kept; `undefined` while that is new itself. */
  renewed(): ZoneData | undefined
  /** Keeps from now on what was learned about these names and those above them. */
  adopt(data: ZoneData, names: readonly Name[]): void
  /** Something was proved by the wall clock, and by these data. */
  confirmClock(data: ZoneData): void
  /** What follows by another clock from what is kept. The verdicts are not kept. */
  byAnotherClock(): Zones
}

export interface KnowledgeOptions {
  readonly anchors: TrustAnchors
  readonly now: () => number
  readonly monotonicNow: () => number
}

/** What is older does not make an answer bogus without being asked for once more, at most so often. */
const RENEWAL_MS = 5_000

export function knowledgeFrom(exchange: Exchange, { anchors, now, monotonicNow }: KnowledgeOptions): Knowledge {
  const clocks = clocksOf(now, monotonicNow)
  const { elapsedMs } = clocks
  const dataOf = (questions: Questions, signed: SignedZones): ZoneData => {
    return { questions, zones: zonesBelow({ anchors, questions, signed, monotonicNow }) }
  }
  const signed = signedZones(elapsedMs)
  let kept = dataOf(questionsTo(exchange, elapsedMs), signed)
  let renewal: { readonly data: ZoneData; readonly sinceMs: number } | undefined
  let steps = 0
  return {
    current() {
      if (clocks.steps() !== steps) {
        steps = clocks.steps()
        kept = dataOf(kept.questions, signed)
        renewal = undefined
      }
      return kept
    },
    renewed() {
      if (!kept.questions.hasOlderThan(RENEWAL_MS)) return undefined
      const atMs = elapsedMs()
      if (renewal === undefined || atMs - renewal.sinceMs > RENEWAL_MS) {
        renewal = { data: dataOf(questionsTo(exchange, elapsedMs), signed), sinceMs: atMs }
      }
      return renewal.data
    },
    adopt({ questions }, names) {
      kept.questions.takeOver(questions, new Set(names.flatMap(selfAndAncestors)))
      kept = dataOf(kept.questions, signed)
    },
    confirmClock(data) {
      // Not where it was set meanwhile.
      if (clocks.steps() === steps && (data === kept || data === renewal?.data)) clocks.confirm()
    },
    byAnotherClock: () => dataOf(unchanged(kept.questions), signedZones(elapsedMs)).zones,
  }
}
