/** What every step of judging one question shares: its clock, its limits and what is left of its budget. */
import type { AlgorithmPolicy } from './algorithms.ts'
import type { Budget, Limits } from './limits.ts'
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
