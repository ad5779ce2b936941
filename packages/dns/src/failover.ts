/** Several servers for the same questions. */
import { type Exchange, InvalidOptionError, type Reply } from '@portolan/core'
import { joinedError, staggered } from './staggered.ts'

/** FORMERR, SERVFAIL, NOTIMP, REFUSED: of the server rather than of the name. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([1, 2, 4, 5])

export interface FailoverOptions {
  /** How long a server may be silent before the next is asked beside it, in milliseconds; default 1,000. */
  readonly patienceMs?: number | undefined
}

/**
 * Asks the server that answered last; the next where it fails, is silent, or answers SERVFAIL, REFUSED, NOTIMP or FORMERR.
 * Where none does better, the first such reply is the reply, and without one it rejects with the errors of all in `attempts`.
 * @throws InvalidOptionError without a server
 */
export function failover(exchanges: readonly Exchange[], { patienceMs = 1_000 }: FailoverOptions = {}): Exchange {
  if (exchanges.length === 0) throw new InvalidOptionError('servers', 'none is given, so nobody can be asked')
  const [only, ...others] = exchanges
  if (only !== undefined && others.length === 0) return only
  let preferred = 0
  return async (query, { signal } = {}) => {
    const first = preferred
    const ways = [...exchanges.slice(first), ...exchanges.slice(0, first)].map((exchange) => {
      return async (stop: AbortSignal) => exchange(query, { signal: stop })
    })
    const isLastResort = ({ rcode }: Reply) => OF_THE_SERVER.has(rcode)
    const { winner, lastResorts, errors } = await staggered(ways, { patienceMs, isLastResort, signal })
    if (winner !== undefined) {
      preferred = (first + winner.index) % exchanges.length
      return winner.result
    }
    if (lastResorts[0] !== undefined) return lastResorts[0]
    throw joinedError(query, errors)
  }
}
