/** What the state machine knows, what can happen to it, and what it can decide. */
import type { Address, Candidate, Plan } from '@portolan/core'
import type { Backoff } from './backoff.ts'
import type { AttemptError } from './errors.ts'
import type { Marks } from './marks.ts'

export interface Settings {
  readonly backoff: Backoff
  /** How long a way in that failed stands after the others. */
  readonly failureMarkMs: number
  /** A connection that lasted at least this long ends the back-off. */
  readonly stableAfterMs: number
  /** Brokers in a row that may refuse the credentials before it is certain that the credentials are at fault. */
  readonly credentialRefusals: number
}

/** `needed`: not asked yet. `running`: gives candidates. `complete`: gave its plan. `failed`: what there was is kept. */
export type Discovery = 'needed' | 'running' | 'complete' | 'failed'

/** A round tries each way in once. It begins with the first attempt, after a wait, and after a connection was lost. */
export interface Round {
  readonly tried: ReadonlySet<string>
  /** Discovery was begun in this round: once is enough, whatever TTL it gave. */
  readonly discovered: boolean
  readonly failures: readonly AttemptError[]
}

export interface State {
  readonly settings: Settings
  readonly everConnected: boolean
  readonly discovery: Discovery
  /** The candidates come from the discovery that is running or complete; else they are the last good ones. */
  readonly fresh: boolean
  readonly candidates: readonly Candidate[]
  /** When the first candidate of this discovery came. */
  readonly discoveredAtMs: number
  readonly planExpiresAtMs: number
  readonly plan: Plan | undefined
  readonly discoveryError: unknown
  readonly marks: Marks
  readonly round: Round
  /** Since the last connection that lasted. */
  readonly failedRounds: number
  /** Refusals of what we sent, since the last connection that came up; the newest are kept. */
  readonly refusals: readonly AttemptError[]
  readonly notBeforeMs: number
  readonly connectedAtMs: number
}

export type Event =
  | { readonly type: 'discovering' }
  | { readonly type: 'candidate'; readonly candidate: Candidate }
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'discovery-failed'; readonly error: unknown }
  /** No TLS, no proof, no CONNACK: of one address. */
  | { readonly type: 'failed'; readonly candidate: Candidate; readonly error: AttemptError }
  /** A plugin asked anew, past the caches. */
  | { readonly type: 'renewed'; readonly from: Candidate; readonly to: Candidate }
  /** CONNACK with a reason code other than 0; the error carries it. */
  | { readonly type: 'refused'; readonly candidate: Candidate; readonly error: AttemptError }
  | { readonly type: 'connected' }
  /** A connection that had been up; the error carries DISCONNECT's reason code, where one came. */
  | { readonly type: 'lost'; readonly candidate: Candidate; readonly error: AttemptError }
  | { readonly type: 'round-over' }
  /** The wait was sat out in full. A clock that was set back meanwhile does not make it start again. */
  | { readonly type: 'waited' }

export type Action =
  | { readonly do: 'wait'; readonly untilMs: number }
  /** Begin a new discovery. */
  | { readonly do: 'discover' }
  /** Take the next candidate from the running discovery. */
  | { readonly do: 'pull' }
  | { readonly do: 'attempt'; readonly candidate: Candidate; readonly addresses: readonly Address[] }
  /** Everything was tried: report `round-over`, then wait. */
  | { readonly do: 'end-round' }
  /** `our-fault`: the brokers refused what we sent. `exhausted`: the first connection found none that would take it. */
  | { readonly do: 'give-up'; readonly because: 'our-fault' | 'exhausted' }

export function initialState(settings: Settings): State {
  return {
    settings,
    everConnected: false,
    discovery: 'needed',
    fresh: false,
    candidates: [],
    discoveredAtMs: 0,
    planExpiresAtMs: 0,
    plan: undefined,
    discoveryError: undefined,
    marks: new Map(),
    round: NEW_ROUND,
    failedRounds: 0,
    refusals: [],
    notBeforeMs: 0,
    connectedAtMs: 0,
  }
}

export const NEW_ROUND: Round = { tried: new Set(), discovered: false, failures: [] }
