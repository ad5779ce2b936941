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

interface Heard {
  readonly fact: DaneFact
  readonly quietUntilMs: number
}

/** What is known by now; the same fact where nothing has changed, or where these records were confirmed not long ago. */
export function refusalReview(settings: LearnSettings, now: () => number): RefusalReview {
  const heard = new Map<Name, Heard>()
  return async (fact, { lookup, signal, random }) => {
    const { owner } = fact
    const last = heard.get(owner)
    if (last !== undefined && now() < last.quietUntilMs && haveSameRecords(fact, last.fact)) return fact
    const fresh = await askAgain(fact, lookup, settings, signal)
    const ttlMs = Number.isFinite(fresh.expiresAtMs) ? fresh.expiresAtMs - now() : 0
    const quietUntilMs = now() + Math.max(MIN_QUIET_MS, ttlMs) * (1 + JITTER * random())
    heard.delete(owner)
    heard.set(owner, { fact: fresh, quietUntilMs })
    const [oldest] = heard.keys()
    if (heard.size > MAX_OWNERS && oldest !== undefined) heard.delete(oldest)
    return haveSameRecords(fact, fresh) ? fact : fresh
  }
}
