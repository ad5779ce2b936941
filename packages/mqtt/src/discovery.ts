/** A discovery that is taken step by step, over several connections if need be, and can be stopped at any point. */
import type { Candidate, Plan } from '@portolan/core'
import { abandonable } from './clock.ts'

/** Candidates in order, then the plan: core's `candidates` with its options bound. */
export type Discover = (options: { readonly signal: AbortSignal }) => AsyncGenerator<Candidate, Plan, void>

export type Step =
  | { readonly done: false; readonly candidate: Candidate }
  | { readonly done: true; readonly plan: Plan }

export interface DiscoverySteps {
  /**
   * The next candidate, or the plan. A step that was abandoned is not lost: the next caller gets it.
   * @throws what discovery ended in, or the signal's reason
   */
  next(signal: AbortSignal): Promise<Step>
  stop(): void
}

export function startDiscovery(discover: Discover): DiscoverySteps {
  const abort = new AbortController()
  let steps: ReturnType<Discover> | undefined
  const take = async (): Promise<Step> => {
    steps ??= discover({ signal: abort.signal })
    const { done, value } = await steps.next()
    return done ? { done, plan: value } : { done: false, candidate: value }
  }
  let pending: Promise<Step> | undefined
  return {
    async next(signal) {
      pending ??= take()
      const step = await abandonable(pending, signal)
      pending = undefined
      return step
    },
    stop() {
      abort.abort(new DOMException('the connection no longer needs this discovery', 'AbortError'))
      pending?.catch(() => {})
      steps?.return(undefined as never).catch(() => {})
    },
  }
}
