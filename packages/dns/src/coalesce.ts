/** Concurrent equal questions go out once. */
import type { Exchange, Reply } from '@portolan/core'
import { abortable } from './abort.ts'
import { questionKey } from './query.ts'

interface Flight {
  readonly reply: Promise<Reply>
  readonly stop: AbortController
  waiting: number
  isSettled: boolean
}

/**
 * Lets concurrent equal questions share one exchange. One caller's abort ends only that caller's waiting; the exchange is
 * aborted with the last of them, and a question asked after that starts anew.
 */
export function coalesced(exchange: Exchange): Exchange {
  const flights = new Map<string, Flight>()
  return async (query, { signal } = {}) => {
    signal?.throwIfAborted()
    const key = questionKey(query)
    const flight = flights.get(key) ?? start(exchange, query)
    flights.set(key, flight)
    flight.waiting++
    try {
      return await abortable(flight.reply, signal)
    } finally {
      flight.waiting--
      // Whoever leaves first after the end takes the flight off; so does the last to abort.
      if (flights.get(key) === flight && (flight.waiting === 0 || signal?.aborted !== true)) flights.delete(key)
      if (flight.waiting === 0 && !flight.isSettled) flight.stop.abort(signal?.reason)
    }
  }
}

function start(exchange: Exchange, query: Parameters<Exchange>[0]): Flight {
  const stop = new AbortController()
  const flight = { reply: exchange(query, { signal: stop.signal }), stop, waiting: 0, isSettled: false }
  const settle = () => {
    flight.isSettled = true
  }
  // Where every caller has left, nobody else hears of the end.
  flight.reply.then(settle, settle)
  return flight
}
