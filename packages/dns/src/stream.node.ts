/** Questions over a connection that is kept: what TCP and TLS share (RFC 7766, RFC 7858). */
import type { Exchange, Query, Reply } from '@portolan/core'
import { bounded, type Running } from './bounded.ts'
import { isMalformedMessage } from './errors.ts'
import { failureOf } from './failure.ts'
import { writeQuery } from './query.ts'
import type { InTurn } from './reading.node.ts'
import { replyPieces } from './reply.ts'
import { type Slots, slots } from './slots.ts'
import { type StreamConnection, type StreamSettings, streamConnection } from './stream-connection.node.ts'
import type { ClosableExchange } from './transport.ts'

export interface StreamExchangeSettings extends StreamSettings {
  /** `host:port`. */
  readonly server: string
  readonly timeoutMs: number
  readonly maxInFlight: number
}

/** One connection at a time (RFC 7766 §6.2.2), opened by the first question, kept while used, opened anew when needed. */
export function streamExchange(settings: StreamExchangeSettings): ClosableExchange {
  const { server } = settings
  const inFlight = slots(settings.maxInFlight)
  const open = new Set<StreamConnection>()
  let newest: StreamConnection | undefined
  let isClosed = false
  const connection = () => {
    if (newest?.hasRoom === true) return newest
    const fresh: StreamConnection = streamConnection(settings, () => open.delete(fresh))
    open.add(fresh)
    newest = fresh
    return fresh
  }
  const ask: Exchange = async (query, { signal } = {}) => {
    signal?.throwIfAborted()
    if (isClosed) throw failureOf(query, server)('dns/network', 'the transport is closed')
    return askByStream(query, settings, inFlight, connection, signal)
  }
  const close = () => {
    isClosed = true
    for (const one of open) one.end(new Error('the transport was closed'), false)
  }
  return Object.assign(ask, { close })
}

function askByStream(
  query: Query,
  settings: StreamExchangeSettings,
  line: Slots,
  connection: () => StreamConnection,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { server, timeoutMs, monotonicNow } = settings
  const failure = failureOf(query, server)
  let asked: { readonly of: StreamConnection; readonly atMs: number } | undefined
  const lateness = () => {
    const late = failure('dns/timeout', `no reply within ${timeoutMs} ms`)
    // After a change of network a connection may be dead without knowing it: the next question shall not wait for it too.
    if (asked?.of.hasReceivedSince(asked.atMs) === false) queueMicrotask(() => asked?.of.end(late))
    return late
  }
  const begin = (running: Running<Reply>) => {
    const send = (isFirst: boolean) => {
      const onReply = (octets: Uint8Array, inTurn: InTurn) => {
        const pieces = replyPieces(octets, query, server)
        const readOn = () => {
          if (running.hasEnded) return
          try {
            const step = pieces.next()
            if (step.done) running.resolve(step.value)
            else inTurn(readOn)
          } catch (error) {
            running.reject(error)
          }
        }
        readOn()
      }
      const onEnd = (cause: Error, mayAskAgain: boolean) => {
        // RFC 7766 §6.2.4: a server may close at any time; what it left unanswered is asked once more.
        if (isFirst && mayAskAgain && !running.hasEnded) return send(false)
        const code = isMalformedMessage(cause) ? 'dns/malformed' : 'dns/network'
        running.reject(failure(code, cause.message, { cause }))
      }
      asked = { of: connection(), atMs: monotonicNow() }
      running.onEnd(asked.of.send((id) => writeQuery(query, { id }), { onReply, onEnd }))
    }
    send(true)
  }
  return bounded({ timeoutMs, signal, line }, { begin, lateness })
}
