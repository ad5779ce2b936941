/** What every step of judging one question shares: its clock, its limits and what is left of its budget. */
import type { AlgorithmPolicy } from './algorithms.ts'
import type { Budget } from './budget.ts'
import type { Limits } from './limits.ts'
import type { Pace } from './pace.ts'

export interface Settings {
  readonly limits: Limits
  readonly policy: AlgorithmPolicy
  readonly overLimitIterations: 'insecure' | 'bogus'
  readonly clockSkewToleranceMs: number
  readonly pace: Pace
}

export interface Work extends Settings {
  /** Wall clock at which this question is judged. */
  readonly nowMs: number
  readonly budget: Budget
  /** Of whoever asked this question. */
  readonly signal?: AbortSignal | undefined
}

/**
 * For one more reply to a question. Member by member: a spread with further members costs Node 20 some 1 µs for each of those, and this
 * is done for every answer.
 */
export function workOf(settings: Settings, nowMs: number, { budget, signal }: Pick<Work, 'budget' | 'signal'>): Work {
  const { limits, policy, overLimitIterations, clockSkewToleranceMs, pace } = settings
  return {
    limits,
    policy,
    overLimitIterations,
    clockSkewToleranceMs,
    pace,
    nowMs,
    budget,
    signal,
  }
}
