/** One question by datagrams: sent, sent again, and every answer to something else passed over (RFC 5452 §9). */
import { LookupError, type Query, type Reply } from '@portolan/core'
import { bounded, type Running } from './bounded.ts'
import { failureOf } from './failure.ts'
import { writeQuery } from './query.ts'
import { readReply } from './reply.ts'
import type { RetryTimer } from './retry-timer.ts'
import type { Slots } from './slots.ts'

/** A server that floods us with garbage shall not fill our memory with reasons. */
const MAX_FAULTS = 8

/** A timer that is later than this, in milliseconds, ran after a pause of the event loop; then replies have this long to be read. */
const PAUSE_MS = 5
const AFTER_PAUSE_MS = 10

export interface DatagramListener {
  /** A datagram with this question's id. */
  onReply(octets: Uint8Array): void
  /** A datagram with an id that nobody waits for. */
  onStray(why: string): void
  /** The socket is gone, for this reason. */
  onFailure(cause: unknown): void
}

export interface DatagramSocket {
  /** Sends what `write` makes of a free id. The returned function ends the waiting for its reply. */
  send(write: (id: number) => Uint8Array, listener: DatagramListener): () => void
}

export interface DatagramSettings {
  /** `host:port`. */
  readonly server: string
  readonly timeoutMs: number
  readonly maxTries: number
  readonly udpPayloadOctets: number
  readonly inFlight: Slots
  readonly timer: RetryTimer
  monotonicNow(): number
  /** A socket with room for one more question. */
  socket(): DatagramSocket
}

/**
 * Rejects with LookupError `dns/timeout`; with the last `dns/malformed` or `dns/mismatched-reply` where such datagrams came
 * instead of a reply; with `dns/network`; or with the signal's reason.
 */
export function askByDatagram(query: Query, settings: DatagramSettings, signal?: AbortSignal): Promise<Reply> {
  const { timeoutMs, inFlight: line } = settings
  const faults: LookupError[] = []
  const lateness = () => ending(query, settings, faults)
  return bounded({ timeoutMs, lateness, signal, line }, (running) => sendTries(query, settings, running, faults))
}

function sendTries(query: Query, settings: DatagramSettings, running: Running<Reply>, faults: LookupError[]): void {
  const { server, maxTries, udpPayloadOctets, timer, monotonicNow } = settings
  const failure = failureOf(query, server)
  let misread = 0
  const sendTry = (number: number) => {
    const sentAtMs = monotonicNow()
    let isMisread = false
    const onReply = (octets: Uint8Array) => {
      try {
        running.resolve(readReply(octets, query, server))
        timer.observe(monotonicNow() - sentAtMs)
      } catch (error) {
        if (!(error instanceof LookupError)) return running.reject(error)
        note(faults, () => error)
        if (!isMisread) misread++
        isMisread = true
        // Each try was answered, each time wrongly: there is nothing left to wait for.
        if (misread === maxTries) running.reject(ending(query, settings, faults))
      }
    }
    const onStray = (why: string) => note(faults, () => failure('dns/mismatched-reply', why))
    const onFailure = (cause: unknown) => running.reject(failure('dns/network', textOf(cause), { cause }))
    const write = (id: number) => writeQuery(query, { id, udpPayloadOctets })
    running.onEnd(settings.socket().send(write, { onReply, onStray, onFailure }))
    if (number === maxTries) return
    const patienceMs = timer.timeoutMs(number - 1)
    const onLate = () => {
      // After a pause of the event loop timers run before the datagrams that came meanwhile are read: those go first.
      if (monotonicNow() - sentAtMs <= patienceMs + PAUSE_MS) sendTry(number + 1)
      else retry = setTimeout(sendTry, AFTER_PAUSE_MS, number + 1)
    }
    let retry = setTimeout(onLate, patienceMs)
    running.onEnd(() => clearTimeout(retry))
  }
  sendTry(1)
}

function note(faults: LookupError[], fault: () => LookupError): void {
  if (faults.length < MAX_FAULTS) faults.push(fault())
}

function ending(query: Query, { server, timeoutMs }: DatagramSettings, faults: readonly LookupError[]): LookupError {
  const failure = failureOf(query, server)
  const last = faults.at(-1)
  if (last === undefined) return failure('dns/timeout', `no reply within ${timeoutMs} ms`)
  const why = last.message.replace(/^\S+ \S+: | \(asked \S+\)$/g, '')
  return failure(last.code, `no usable reply, what came was passed over: ${why}`, { cause: last, attempts: faults })
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
