/** What is known of zones: kept while TTLs last, and learned anew where it would make an answer bogus. */
import type { Exchange } from '@portolan/core'
import type { TrustAnchors } from './anchors.ts'
import { stepDetector } from './clock.ts'
import { type Questions, questionsTo, unchanged } from './questions.ts'
import { type Zones, zonesBelow } from './zones.ts'

/** What was asked about zones, and what was made of it. */
export interface Known {
  readonly questions: Questions
  readonly zones: Zones
}

export interface Knowledge {
  /** What is kept. Its verdicts end when the wall clock is set, its records do not. */
  current(): Known
  /** What is learned anew, by all who doubt what is kept; `undefined` while that is new itself. */
  renewed(): Known | undefined
  /** Keeps this from now on. */
  adopt(known: Known): void
  /** What follows from what is kept by another clock; nothing of that is kept. */
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
  const clock = stepDetector(now, monotonicNow)
  const madeOf = (questions: Questions): Known => ({ questions, zones: zonesBelow(anchors, questions, monotonicNow) })
  let kept = madeOf(questionsTo(exchange, monotonicNow))
  let renewal: { readonly known: Known; readonly sinceMs: number } | undefined
  return {
    current() {
      if (clock.hasStepped()) kept = madeOf(kept.questions)
      return kept
    },
    renewed() {
      if (!kept.questions.hasOlderThan(RENEWAL_MS)) return undefined
      const atMs = monotonicNow()
      if (renewal === undefined || atMs - renewal.sinceMs > RENEWAL_MS) {
        renewal = { known: madeOf(questionsTo(exchange, monotonicNow)), sinceMs: atMs }
      }
      return renewal.known
    },
    adopt(known) {
      kept = known
    },
    byAnotherClock: () => madeOf(unchanged(kept.questions)).zones,
  }
}
