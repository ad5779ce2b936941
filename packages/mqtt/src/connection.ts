/** One connection from CONNECT to its end, which it reports exactly once. */
import type { Clock } from './clock.ts'
import { type AttemptCode, AttemptError, type AttemptFacts, type Endpoint } from './errors.ts'
import type { Untimed } from './events.ts'
import { isOurFault } from './marks.ts'
import { reasonOf, reasonText } from './reasons.ts'

/** The fields of mqtt.js's CONNACK that count here: `returnCode` is MQTT 3's, `reasonCode` MQTT 5's. */
export interface Connack {
  readonly returnCode?: number | undefined
  readonly reasonCode?: number | undefined
  readonly sessionPresent?: boolean | undefined
  readonly properties?: { readonly serverReference?: string | undefined } | undefined
}

export interface Disconnect {
  readonly reasonCode?: number | undefined
  readonly properties?: { readonly serverReference?: string | undefined } | undefined
}

export interface ConnectionOptions {
  readonly clock: Clock
  readonly connackTimeoutMs: number
  /** Without an error where mqtt.js has told the application already. */
  hangUp(error?: AttemptError): void
  tell(event: Untimed): void
  onUp(): void
  onEnd(how: 'failed' | 'refused' | 'lost', error: AttemptError): void
}

export class Connection {
  readonly #endpoint: Endpoint
  readonly #options: ConnectionOptions
  readonly #cancelTimer: () => void
  #stage: 'connect-sent' | 'accepted' | 'up' | 'over' = 'connect-sent'
  /** What was learnt before the stream closed. */
  #why: AttemptError | undefined

  constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.#endpoint = endpoint
    this.#options = options
    const { clock, connackTimeoutMs } = options
    this.#cancelTimer = clock.after(connackTimeoutMs, () =>
      this.#hangUp(this.#error('mqtt/timeout', `no CONNACK within ${connackTimeoutMs} ms`)),
    )
    options.tell({ type: 'connect-sent', endpoint })
  }

  connack({ reasonCode, returnCode, sessionPresent, properties }: Connack): void {
    const code = reasonCode ?? returnCode
    if (this.#stage !== 'connect-sent') return
    if (code === undefined) {
      this.#hangUp(this.#error('mqtt/protocol', 'its CONNACK has no reason code'))
      return
    }
    const serverReference = properties?.serverReference
    this.#options.tell({
      type: 'connack',
      endpoint: this.#endpoint,
      reasonCode: code,
      reason: code === 0 ? 'accepted' : reasonText(code),
      sessionPresent: sessionPresent === true,
      serverReference,
    })
    this.#cancelTimer()
    if (code === 0) this.#stage = 'accepted'
    else this.#end('refused', refusal(this.#endpoint, code, this.#options.clock.now(), serverReference))
  }

  /** The first packet of a server is CONNACK, or AUTH before it (MQTT-3.2.0-1, MQTT 5 §4.12). */
  packet(name: string | undefined): void {
    if (this.#stage !== 'connect-sent' || name === 'auth' || name === 'disconnect') return
    this.#hangUp(this.#error('mqtt/protocol', `it sent ${name?.toUpperCase()} before CONNACK`))
  }

  /** MQTT 5 §3.14.4: after DISCONNECT the connection is over, whether or not the broker closes it. */
  disconnect({ reasonCode = 0, properties }: Disconnect): void {
    const facts = { reasonCode, serverReference: properties?.serverReference }
    this.#hangUp(this.#error('mqtt/closed', `it sent DISCONNECT (${reasonText(reasonCode)})`, facts), 'silently')
  }

  up(): void {
    if (this.#stage === 'over') return
    this.#stage = 'up'
    this.#options.onUp()
    this.#options.tell({ type: 'connected', endpoint: this.#endpoint })
  }

  /** mqtt.js leaves a connection open whose octets it could not read: nothing more would ever come of it. */
  clientError(error: Error, streamIsOpen: boolean): void {
    if (this.#stage === 'over') return
    if (error instanceof AttemptError) this.#why ??= error
    else if (!streamIsOpen) this.#why ??= this.#error('mqtt/closed', error.message, { cause: error })
    else
      this.#hangUp(
        this.#error('mqtt/protocol', `what it sent is no MQTT: ${error.message}`, { cause: error }),
        'silently',
      )
  }

  closed(): void {
    const before = this.#stage === 'up' ? '' : this.#stage === 'accepted' ? ' right after CONNACK' : ' before CONNACK'
    const error = this.#why ?? this.#error('mqtt/closed', `it closed the connection${before}`)
    this.#end(this.#stage === 'up' ? 'lost' : 'failed', error)
  }

  describe(cause: Error): AttemptError {
    return this.#error('mqtt/closed', `the connection broke: ${cause.message}`, { cause })
  }

  /** Ends without a report: nobody wants the connection any more. */
  abandon(): void {
    this.#stage = 'over'
    this.#cancelTimer()
  }

  #hangUp(error: AttemptError, silently?: 'silently'): void {
    if (this.#stage === 'over') return
    this.#end(this.#stage === 'up' ? 'lost' : 'failed', error)
    this.#options.hangUp(silently === undefined ? error : undefined)
  }

  #end(how: 'failed' | 'refused' | 'lost', error: AttemptError): void {
    if (this.#stage === 'over') return
    this.abandon()
    this.#options.onEnd(how, error)
    if (how === 'failed') this.#options.tell({ type: 'connect-failed', endpoint: this.#endpoint, error })
    if (how === 'lost') this.#options.tell({ type: 'lost', endpoint: this.#endpoint, error })
  }

  #error(code: AttemptCode, detail: string, facts: Partial<AttemptFacts> = {}): AttemptError {
    return new AttemptError(code, this.#endpoint, detail, { ...facts, atMs: this.#options.clock.now() })
  }
}

function refusal(endpoint: Endpoint, code: number, atMs: number, serverReference: string | undefined): AttemptError {
  const { effect } = reasonOf(code)
  const name = effect === 'credentials' ? 'mqtt/refused-credentials' : 'mqtt/refused'
  const elsewhere = serverReference === undefined ? '' : ` (it names ${serverReference})`
  const whose = isOurFault({ effect }) ? '; the same would be refused again' : ''
  const detail = `it refused CONNECT: ${reasonText(code)}${elsewhere}${whose}`
  return new AttemptError(name, endpoint, detail, { atMs, reasonCode: code, serverReference })
}
