/** Concurrent equal questions go out once. */
import { abortable, type Exchange, type Reply } from '@portolan/core'
import { questionKey } from './query.ts'

/** A question that is out, for the caller who asked it. */
interface Flight {
  readonly reply: Promise<Reply>
  readonly signal: AbortSignal | undefined
}

/**
 * Lets concurrent equal questions share one exchange: that of the first caller. Where that one leaves, the exchange ends
 * with it, and one of those that stay asks again; a question asked after the end starts anew.
 */
export function coalesced(exchange: Exchange): Exchange {
  const flights = new Map<string, Flight>()
  const begin: Exchange = (query, { signal } = {}) => {
    const key = questionKey(query)
    const flight = { reply: exchange(query, { signal }), signal }
    flights.set(key, flight)
    const end = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    flight.reply.then(end, end)
    return flight.reply
  }
  const join = async (flight: Flight, ...call: Parameters<Exchange>): Promise<Reply> => {
    const [, { signal } = {}] = call
    try {
      return await abortable(flight.reply, signal)
    } catch (error) {
      if (signal?.aborted === true || flight.signal?.aborted !== true) throw error
      return ask(...call)
    }
  }
  const ask: Exchange = (query, options) => {
    if (options?.signal?.aborted === true) return Promise.reject(options.signal.reason)
    const flight = flights.get(questionKey(query))
    return flight === undefined ? begin(query, options) : join(flight, query, options)
  }
  return ask
}
