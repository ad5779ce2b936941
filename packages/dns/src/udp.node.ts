/** DNS over UDP (RFC 1035 §4.2.1), hardened as RFC 5452 has it: connected sockets, random ids and ports, the question compared. */
import type { Exchange } from '@portolan/core'
import { askByDatagram, type DatagramSettings } from './datagram-question.ts'
import { failureOf } from './failure.ts'
import { requireRange } from './range.ts'
import { readingInTurns } from './reading.node.ts'
import { retryTimer } from './retry-timer.ts'
import { serverText } from './server-address.ts'
import { slots } from './slots.ts'
import { type ClosableExchange, checkedOptions, type TransportOptions } from './transport.ts'
import { udpSockets } from './udp-socket.node.ts'

export interface UdpOptions extends TransportOptions {
  /** How often a question is sent in all: default and maximum 3 (RFC 9520 §3.1), minimum 1. */
  readonly maxTries?: number | undefined
  /** The largest reply asked for; default 1,232 octets, from 512 to 4,096. Larger ones come truncated. */
  readonly udpPayloadOctets?: number | undefined
  /** Monotonic milliseconds, for measuring round trips; default `performance.now`. */
  readonly monotonicNow?: (() => number) | undefined
}

/**
 * Asks one server over UDP. Replies may be truncated (see `truncationFallback`). Datagrams with a wrong id or question, or
 * that are no message, are passed over, since anybody can send them; if nothing better comes they are the error.
 * Rejects with LookupError `dns/timeout`, `dns/network` (refused, unreachable), `dns/malformed` or `dns/mismatched-reply`.
 * @throws InvalidOptionError
 */
export function udp(options: UdpOptions): ClosableExchange {
  const { timeoutMs, maxInFlight } = checkedOptions(options)
  const { maxTries = 3, udpPayloadOctets = 1_232, monotonicNow = () => performance.now() } = options
  requireRange('maxTries', maxTries, 1, 3)
  requireRange('udpPayloadOctets', udpPayloadOctets, 512, 4_096)
  const server = serverText(options.server)
  const sockets = udpSockets(options.server, options.randomId)
  const settings: DatagramSettings = {
    server,
    timeoutMs,
    maxTries,
    udpPayloadOctets,
    monotonicNow,
    inFlight: slots(maxInFlight),
    timer: retryTimer(),
    inTurn: readingInTurns(monotonicNow),
    socket: sockets.withRoom,
  }
  const ask: Exchange = (query, { signal } = {}) => {
    if (!sockets.areClosed) return askByDatagram(query, settings, signal)
    return Promise.reject(failureOf(query, server)('dns/network', 'the transport is closed'))
  }
  return Object.assign(ask, { close: sockets.close })
}
