/** UDP first, TCP where UDP was not enough (RFC 7766 §5). */
import { type Exchange, LookupError, type Query, type Reply, typeText } from '@portolan/core'
import { joinedError, type Outcome, staggered } from './staggered.ts'

export interface TruncationOptions {
  /**
   * After how many milliseconds without a datagram the stream is asked as well; default 1,000. Where packets get lost,
   * three datagrams are all that RFC 9520 §3.1 allows, and TCP mends the rest.
   */
  readonly streamAfterMs?: number | undefined
}

/**
 * Asks over `datagram`, and over `stream` where the reply is truncated, late, or does not come.
 * Rejects with what the datagrams ended in, where both fail; with what the stream ended in, where the reply was truncated.
 */
export function truncationFallback(
  datagram: Exchange,
  stream: Exchange,
  { streamAfterMs = 1_000 }: TruncationOptions = {},
): Exchange {
  const ways = (query: Query) => {
    return [datagram, stream].map((exchange) => (signal: AbortSignal) => exchange(query, { signal }))
  }
  return (query, { signal } = {}) => {
    return staggered(ways(query), { patienceMs: streamAfterMs, isLastResort, signal }).then((outcome) => {
      return outcome.winner?.result ?? fail(query, outcome)
    })
  }
}

function isLastResort({ truncated }: Reply): boolean {
  return truncated
}

function fail(query: Query, { errors, lastResorts }: Outcome<Reply>): never {
  if (errors.length > 0) throw joinedError(query, errors)
  const facts = { owner: query.name, type: typeText(query.type), server: lastResorts.at(-1)?.server }
  throw new LookupError('dns/malformed', 'the reply is truncated over TCP too', facts)
}
