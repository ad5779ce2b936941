/** Whether a refusal that a roll-over seen half way would explain still stands (RFC 7671 §8), asked past all caches but rarely. */
import type { Name, PluginContext } from '@portolan/core'
import type { DaneFact, SecurePresent } from './fact.ts'
import { askAgain, haveSameRecords, type LearnSettings } from './learn.ts'

/** Up to this part of the TTL more, so that a fleet that was refused together does not ask together. */
const JITTER = 0.25
/** Where the answer has no lifetime to go by, because it failed or has TTL 0. */
const MIN_QUIET_MS = 10_000
const MAX_OWNERS = 1_000

export type RefusalReview = (
  fact: SecurePresent,
  context: Pick<PluginContext, 'lookup' | 'signal' | 'random'>,
) => Promise<DaneFact>

/** What was doubted, and what was found instead, if anything. */
interface Review {
  readonly of: SecurePresent
  readonly found: DaneFact
  readonly quietUntilMs: number
}

/** What is known by now; the same fact where nothing has changed. What was found not long ago is not asked for again. */
export function refusalReview(settings: LearnSettings, now: () => number): RefusalReview {
  const reviews = new Map<Name, Review>()
  const review = async (
    of: SecurePresent,
    { lookup, signal, random }: Parameters<RefusalReview>[1],
  ): Promise<DaneFact> => {
    const found = await askAgain(of, lookup, settings, signal)
    const ttlMs = Number.isFinite(found.expiresAtMs) ? found.expiresAtMs - now() : 0
    const quietUntilMs = now() + Math.max(MIN_QUIET_MS, ttlMs) * (1 + JITTER * random())
    reviews.delete(of.owner)
    reviews.set(of.owner, { of, found, quietUntilMs })
    const [oldest] = reviews.keys()
    if (reviews.size > MAX_OWNERS && oldest !== undefined) reviews.delete(oldest)
    return found
  }
  /** What the last review found, where it is of these records and still speaks: a found RRset only as long as its proof. */
  const recent = (fact: SecurePresent): DaneFact | undefined => {
    const last = reviews.get(fact.owner)
    if (last === undefined || now() >= last.quietUntilMs) return undefined
    if (haveSameRecords(fact, last.found)) return fact
    return haveSameRecords(fact, last.of) && now() < last.found.expiresAtMs ? last.found : undefined
  }
  return async (fact, context) => {
    const found = recent(fact) ?? (await review(fact, context))
    return haveSameRecords(fact, found) ? fact : found
  }
}
