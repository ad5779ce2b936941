/** The machine's first half: from what is known to what to do next. Pure; time is a parameter. */
import type { Address, Candidate } from '@portolan/core'
import { endpointOf, isHard, isOurFault, keyOf, keysOf, type Mark, markAt } from './marks.ts'
import type { Action, State } from './state.ts'

/**
 * A TTL of 0 is for the transaction in progress (RFC 1035 §3.2.1): what this round's discovery gave may be used at least
 * for this long, however short its TTL. It is never used in another round once expired.
 */
const TRANSACTION_MS = 30_000

/** What to do next. The driver does it, reports what came of it to `advance`, and asks again. */
export function decide(state: State, nowMs: number): Action {
  if (nowMs < state.notBeforeMs) return { do: 'wait', untilMs: state.notBeforeMs }
  if (credentialsAreWrong(state)) return { do: 'give-up', because: 'our-fault' }
  if (needsDiscovery(state, nowMs)) return { do: 'discover' }
  if (state.discovery === 'running' && !state.fresh) return { do: 'pull' }
  const unmarked = nextAttempt(state, nowMs, (mark) => mark === undefined)
  if (unmarked !== undefined) return unmarked
  if (state.discovery === 'running') return { do: 'pull' }
  const failedLately = nextAttempt(state, nowMs, (mark) => mark !== undefined && !isHard(mark))
  if (failedLately !== undefined) return failedLately
  if (weAreAtFaultEverywhere(state, nowMs)) return { do: 'give-up', because: 'our-fault' }
  return state.everConnected ? { do: 'end-round' } : { do: 'give-up', because: 'exhausted' }
}

/** Whether a candidate may still be used: its answers and proofs hold, or it came for this very transaction. */
export function isUsable(state: State, candidate: Candidate, nowMs: number): boolean {
  if (candidate.expiresAtMs > nowMs) return true
  return state.fresh && state.round.discovered && nowMs < state.discoveredAtMs + TRANSACTION_MS
}

/** At most once a round, and only before its first attempt: an order does not change while it is walked. */
function needsDiscovery({ discovery, round, planExpiresAtMs }: State, nowMs: number): boolean {
  if (discovery === 'needed') return true
  if (round.discovered || round.tried.size > 0) return false
  return discovery === 'failed' || planExpiresAtMs <= nowMs
}

function nextAttempt(state: State, nowMs: number, eligible: (mark: Mark | undefined) => boolean): Action | undefined {
  for (const candidate of state.candidates) {
    if (!isUsable(state, candidate, nowMs)) continue
    const isEligible = (address: Address) => {
      const key = keyOf(endpointOf(candidate, address))
      return !state.round.tried.has(key) && eligible(markAt(state.marks, key, nowMs))
    }
    const addresses = candidate.addresses.filter(isEligible)
    if (addresses.length > 0) return { do: 'attempt', candidate, addresses }
  }
  return undefined
}

/** Several brokers in a row said so: the others are spared, and so is the account from being locked. */
function credentialsAreWrong({ refusals, settings }: State): boolean {
  return refusals.filter(({ code }) => code === 'mqtt/refused-credentials').length >= settings.credentialRefusals
}

/** Every candidate refused what we sent, so only a change on our side can help. */
function weAreAtFaultEverywhere({ candidates, marks }: State, nowMs: number): boolean {
  const refusedUs = (key: string) => {
    const mark = markAt(marks, key, nowMs)
    return mark !== undefined && isOurFault(mark)
  }
  return candidates.length > 0 && candidates.every((candidate) => keysOf(candidate).every(refusedUs))
}
