/** One question by datagrams: sent, sent again, and every answer to something else passed over (RFC 5452 §9). */
import { LookupError, type Query, type Reply } from '@portolan/core'
import { bounded, type Running, type Task } from './bounded.ts'
import { failureOf } from './failure.ts'
import { writeQuery } from './query.ts'
import { readReply } from './reply.ts'
import type { RetryTimer } from './retry-timer.ts'
import type { Slots } from './slots.ts'

/** A server that floods us with garbage shall not fill our memory, with that or with reasons. */
const MAX_UNREAD = 8
const MAX_FAULTS = 8

/** A timer that is later than this, in milliseconds, ran after a pause of the event loop; then replies have this long to be read. */
const PAUSE_MS = 5
const AFTER_PAUSE_MS = 10

/** One try of a question. */
export interface Datagram {
  /** What to send, under an id that is free. */
  octets(id: number): Uint8Array
  /** A datagram with this id. */
  onReply(octets: Uint8Array): void
  /** A datagram with an id that nobody waits for. */
  onStray(why: string): void
  /** The socket is gone, for this reason. */
  onFailure(cause: unknown): void
}

export interface DatagramSocket {
  /** The returned function ends the waiting for the reply. */
  send(datagram: Datagram): () => void
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
  /** Reads one reply now or, where many came at once, a little later. */
  inTurn(read: () => void): void
  /** A socket with room for one more question. */
  socket(): DatagramSocket
}

/**
 * Rejects with LookupError `dns/timeout`; with the last `dns/malformed` or `dns/mismatched-reply` where such datagrams came
 * instead of a reply; with `dns/network`; or with the signal's reason.
 */
export function askByDatagram(query: Query, settings: DatagramSettings, signal?: AbortSignal): Promise<Reply> {
  const { timeoutMs, inFlight: line } = settings
  return bounded({ timeoutMs, signal, line }, new Question(query, settings))
}

/** With `Try` a class for the reason that `bounded` gives. */
class Question implements Task<Reply> {
  readonly query: Query
  readonly settings: DatagramSettings
  readonly #faults: LookupError[] = []
  #misread = 0

  constructor(query: Query, settings: DatagramSettings) {
    this.query = query
    this.settings = settings
  }

  begin(running: Running<Reply>): void {
    new Try(this, running, 1).send()
  }

  failure(...what: Parameters<ReturnType<typeof failureOf>>): LookupError {
    return failureOf(this.query, this.settings.server)(...what)
  }

  lateness(): LookupError {
    const last = this.#faults.at(-1)
    if (last === undefined) return this.failure('dns/timeout', `no reply within ${this.settings.timeoutMs} ms`)
    const why = last.message.replace(/^\S+ \S+: | \(asked \S+\)$/g, '')
    const facts = { cause: last, attempts: this.#faults }
    return this.failure(last.code, `no usable reply, what came was passed over: ${why}`, facts)
  }

  note(fault: () => LookupError): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault())
  }

  /** One more try was answered wrongly; whether now each was, so that there is nothing left to wait for. */
  isLastMisread(): boolean {
    return ++this.#misread === this.settings.maxTries
  }
}

class Try implements Datagram {
  readonly #question: Question
  readonly #running: Running<Reply>
  readonly #number: number
  readonly #sentAtMs: number
  #isMisread = false
  #unread = 0

  constructor(question: Question, running: Running<Reply>, number: number) {
    this.#question = question
    this.#running = running
    this.#number = number
    this.#sentAtMs = question.settings.monotonicNow()
  }

  send(): void {
    const { socket, timer, maxTries } = this.#question.settings
    this.#running.onEnd(socket().send(this))
    if (this.#number < maxTries) this.#sendNextAfter(timer.timeoutMs(this.#number - 1))
  }

  #sendNextAfter(patienceMs: number): void {
    const { monotonicNow } = this.#question.settings
    const onLate = (isSecondLook: boolean) => {
      // After a pause of the event loop timers run before the datagrams that came meanwhile are read: those go first.
      const isAfterPause = monotonicNow() - this.#sentAtMs > patienceMs + PAUSE_MS
      if (this.#unread > 0 || (isAfterPause && !isSecondLook)) retry = setTimeout(onLate, AFTER_PAUSE_MS, true)
      else new Try(this.#question, this.#running, this.#number + 1).send()
    }
    let retry = setTimeout(onLate, patienceMs, false)
    this.#running.onEnd(() => clearTimeout(retry))
  }

  octets(id: number): Uint8Array {
    const { query, settings } = this.#question
    return writeQuery(query, { id, udpPayloadOctets: settings.udpPayloadOctets })
  }

  onReply(octets: Uint8Array): void {
    if (this.#unread === MAX_UNREAD) return
    this.#unread++
    this.#question.settings.inTurn(() => {
      this.#unread--
      if (!this.#running.hasEnded) this.#read(octets)
    })
  }

  #read(octets: Uint8Array): void {
    const { query, settings } = this.#question
    try {
      this.#running.resolve(readReply(octets, query, settings.server))
      settings.timer.observe(settings.monotonicNow() - this.#sentAtMs)
    } catch (error) {
      if (error instanceof LookupError) this.#onMisread(error)
      else this.#running.reject(error)
    }
  }

  #onMisread(fault: LookupError): void {
    this.#question.note(() => fault)
    if (this.#isMisread) return
    this.#isMisread = true
    if (this.#question.isLastMisread()) this.#running.reject(this.#question.lateness())
  }

  onStray(why: string): void {
    this.#question.note(() => this.#question.failure('dns/mismatched-reply', why))
  }

  onFailure(cause: unknown): void {
    this.#running.reject(this.#question.failure('dns/network', textOf(cause), { cause }))
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
