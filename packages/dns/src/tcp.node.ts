/** DNS over TCP (RFC 7766). */
import { connect } from 'node:net'
import { requireRange } from './range.ts'
import { serverText } from './server-address.ts'
import { streamExchange } from './stream.node.ts'
import { type ClosableExchange, checkedOptions, type TransportOptions } from './transport.ts'

export interface TcpOptions extends TransportOptions {
  /** How long a connection without questions is kept; default 5,000 ms, from 0 to 120,000. It never keeps a process from ending. */
  readonly idleMs?: number | undefined
  /** Monotonic milliseconds, for finding dead connections; default `performance.now`. */
  readonly monotonicNow?: (() => number) | undefined
}

/**
 * Asks one server over one connection, many questions at a time, replies in any order.
 * Rejects with LookupError `dns/timeout`, `dns/network` (refused, closed twice), `dns/malformed` or `dns/mismatched-reply`.
 * @throws InvalidOptionError
 */
export function tcp(options: TcpOptions): ClosableExchange {
  const { timeoutMs, maxInFlight } = checkedOptions(options)
  const { idleMs = 5_000, monotonicNow = () => performance.now(), randomId } = options
  requireRange('idleMs', idleMs, 0, 120_000)
  const { host, port = 53 } = options.server
  return streamExchange({
    server: serverText(options.server),
    dial: () => connect({ host, port, noDelay: true }),
    readyEvent: 'connect',
    timeoutMs,
    maxInFlight,
    idleMs,
    monotonicNow,
    randomId,
  })
}
