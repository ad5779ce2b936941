/** A line for questions, before any of their timers runs. */
import type { Exchange } from '@portolan/core'
import { requireRange } from './range.ts'
import { slots } from './slots.ts'

export interface QueueOptions {
  /** Questions at a time; default 1,000, from 1 to 10,000. */
  readonly maxInFlight?: number | undefined
}

/**
 * Hands at most so many questions on at a time. Those that wait run into no time limit and ask nobody else: what waits is
 * a sign of many questions, not of a silent server. Rejects with the caller's abort reason also while waiting.
 * @throws InvalidOptionError
 */
export function queued(exchange: Exchange, { maxInFlight = 1_000 }: QueueOptions = {}): Exchange {
  requireRange('maxInFlight', maxInFlight, 1, 10_000)
  const line = slots(maxInFlight)
  return async (query, options) => {
    const leave = await line.take(options?.signal)
    try {
      return await exchange(query, options)
    } finally {
      leave()
    }
  }
}
