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
  const handOn = (leave: () => void, ...call: Parameters<Exchange>) => {
    const reply = exchange(...call)
    reply.then(leave, leave)
    return reply
  }
  return (query, options) => {
    const leave = line.takeNow()
    if (leave !== undefined) return handOn(leave, query, options)
    return line.take(options?.signal).then((later) => handOn(later, query, options))
  }
}
