/** The machine's second half: from what happened to what is known. Pure; time and chance are parameters. */
import type { Candidate } from '@portolan/core'
import { fullJitterMs } from './backoff.ts'
import { isUsable } from './decide.ts'
import type { AttemptError } from './errors.ts'
import { isHard, isOurFault, keyOf, keysOf, type Mark, type Marks, markAt, marked } from './marks.ts'
import { type Reason, reasonOf } from './reasons.ts'
import { type Event, NEW_ROUND, type State } from './state.ts'

/** @param random uniform in [0, 1), used where a wait begins */
export function advance(state: State, event: Event, nowMs: number, random: number): State {
  switch (event.type) {
    case 'discovering':
      return { ...state, discovery: 'running', fresh: false, round: { ...state.round, discovered: true } }
    case 'candidate':
      return withCandidate(state, event.candidate, nowMs)
    case 'plan': {
      const { plan } = event
      return {
        ...state,
        discovery: 'complete',
        fresh: true,
        plan,
        planExpiresAtMs: plan.expiresAtMs,
        discoveryError: undefined,
      }
    }
    case 'discovery-failed':
      return { ...state, discovery: 'failed', discoveryError: event.error }
    case 'failed':
      return afterFailure(state, event.candidate, event.error, ORDINARY, nowMs)
    case 'renewed': {
      const { from, to } = event
      return { ...state, candidates: state.candidates.map((candidate) => (candidate === from ? to : candidate)) }
    }
    case 'refused':
      return afterRefusal(state, event.candidate, event.error, nowMs)
    case 'connected':
      return { ...state, everConnected: true, connectedAtMs: nowMs, refusals: [], round: NEW_ROUND }
    case 'lost':
      return afterLoss(state, event.candidate, event.error, nowMs, random)
    case 'round-over':
      return afterRound(state, nowMs, random)
    case 'waited':
      return { ...state, notBeforeMs: 0 }
  }
}

const MAX_REFUSALS_KEPT = 100

const ORDINARY: Reason = { text: '', effect: 'next', scope: 'address' }

/** The first one replaces what an older discovery gave; until then that is kept. */
function withCandidate(state: State, candidate: Candidate, nowMs: number): State {
  const candidates = state.fresh ? [...state.candidates, candidate] : [candidate]
  const planExpiresAtMs = Math.min(candidate.expiresAtMs, state.fresh ? state.planExpiresAtMs : Infinity)
  const discoveredAtMs = state.fresh ? state.discoveredAtMs : nowMs
  const plan = state.fresh ? state.plan : undefined
  return { ...state, fresh: true, candidates, planExpiresAtMs, discoveredAtMs, plan, discoveryError: undefined }
}

function afterFailure(state: State, candidate: Candidate, error: AttemptError, reason: Reason, nowMs: number): State {
  const keys = keysAt(reason, candidate, error)
  const { round } = state
  return {
    ...state,
    marks: withMark(state, keys, reason, nowMs),
    round: { ...round, tried: new Set([...round.tried, ...keys]), failures: [...round.failures, error] },
  }
}

function afterRefusal(state: State, candidate: Candidate, error: AttemptError, nowMs: number): State {
  const reason = reasonOf(error.reasonCode ?? 0x80)
  const refusals = isOurFault(reason) ? [...state.refusals, error].slice(-MAX_REFUSALS_KEPT) : state.refusals
  return { ...afterFailure(state, candidate, error, reason, nowMs), refusals }
}

/** A new round, soon if the connection had lasted. A short one counts as failed, else a broker that hangs up is hammered. */
function afterLoss(state: State, candidate: Candidate, error: AttemptError, nowMs: number, random: number): State {
  const { settings, connectedAtMs } = state
  const wasStable = nowMs - connectedAtMs >= settings.stableAfterMs
  const failedRounds = wasStable ? 0 : state.failedRounds + 1
  const reason = error.reasonCode === undefined ? ORDINARY : reasonOf(error.reasonCode)
  const keys = keysAt(reason, candidate, error)
  const waitMs =
    reason.effect === 'stand-back' ? settings.backoff.maxMs : fullJitterMs(settings.backoff, failedRounds, random)
  const isMarked = reason.effect !== 'stand-back' && (!wasStable || error.reasonCode !== undefined)
  return {
    ...state,
    failedRounds,
    marks: isMarked ? withMark(state, keys, reason, nowMs) : state.marks,
    round: NEW_ROUND,
    notBeforeMs: nowMs + waitMs,
  }
}

function afterRound(state: State, nowMs: number, random: number): State {
  const failedRounds = state.failedRounds + 1
  const soonestMs = nowMs + fullJitterMs(state.settings.backoff, failedRounds, random)
  return { ...state, failedRounds, round: NEW_ROUND, notBeforeMs: Math.max(soonestMs, barredUntilMs(state, nowMs)) }
}

/** Where every candidate has asked to be left alone: until the first is free again, or the plan may have changed. */
function barredUntilMs(state: State, nowMs: number): number {
  const keys = state.candidates.filter((candidate) => isUsable(state, candidate, nowMs)).flatMap(keysOf)
  const marks = keys.map((key) => markAt(state.marks, key, nowMs))
  const hard = marks.filter((mark): mark is Mark => mark !== undefined && isHard(mark))
  if (hard.length === 0 || hard.length < marks.length) return 0
  return Math.min(state.planExpiresAtMs, ...hard.map(({ untilMs }) => untilMs))
}

function keysAt(reason: Reason, candidate: Candidate, { endpoint }: AttemptError): readonly string[] {
  return reason.scope === 'candidate' || endpoint.address === undefined ? keysOf(candidate) : [keyOf(endpoint)]
}

function withMark(state: State, keys: readonly string[], { effect, markMs }: Reason, nowMs: number): Marks {
  const untilMs = nowMs + (markMs ?? state.settings.failureMarkMs)
  return marked(state.marks, keys, { effect, sinceMs: nowMs, untilMs }, nowMs)
}
