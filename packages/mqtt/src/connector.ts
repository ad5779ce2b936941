/** Drives the machine: does what it decides, one way in after the other, and tells it what came of each. */
import type { Socket } from 'node:net'
import type { Address, Candidate, Lookup, Plugin } from '@portolan/core'
import { interleaved } from './addresses.ts'
import { advance } from './advance.ts'
import { type Clock, sleep } from './clock.ts'
import { type Connack, Connection, type Disconnect } from './connection.ts'
import { decide } from './decide.ts'
import { type DialOptions, dial, type Proved } from './dial.ts'
import { type Discover, type DiscoverySteps, startDiscovery } from './discovery.ts'
import type { AttemptError, Endpoint } from './errors.ts'
import type { ConnectEvent, Untimed } from './events.ts'
import { connectError } from './failure.ts'
import { endpointOf } from './marks.ts'
import { type RaceResult, race } from './race.ts'
import { recheck } from './recheck.ts'
import { type Action, type Event, initialState, type Settings, type State } from './state.ts'

export interface ConnectorOptions {
  readonly domain: string
  readonly discover: Discover
  readonly plugins: readonly Plugin[]
  /** For a plugin that wants to ask once more after its refusal; without, refusals stand. */
  readonly lookup: Lookup | undefined
  readonly clock: Clock
  readonly settings: Settings
  readonly connectionAttemptDelayMs: number
  readonly connackTimeoutMs: number
  readonly dial: Pick<DialOptions, 'secureContext' | 'alpnProtocols' | 'connectTimeoutMs' | 'tlsTimeoutMs'>
  tell(event: ConnectEvent): void
  /** No further attempt will be made. */
  onGiveUp(error: Error): void
}

/** From one `connect` to the end of its client, over any number of connections. */
export class Connector {
  readonly #options: ConnectorOptions
  #hasStopped = false
  /** Of the search under way. AbortSignal.any would tie one more signal to a lasting one with each of many years' searches. */
  #search = new AbortController()
  #state: State
  #discovery: DiscoverySteps | undefined
  #connection: Connection | undefined

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#state = initialState(options.settings)
  }

  get hasStopped(): boolean {
    return this.#hasStopped
  }

  /**
   * Finds, opens and proves the next connection, waiting first where it must.
   * @param hangUp ends the connection that this resolves with
   * @throws the signal's reason; the error that `onGiveUp` got
   */
  async open(signal: AbortSignal, hangUp: (error?: AttemptError) => void): Promise<Socket> {
    this.#connection?.abandon()
    this.#connection = undefined
    const search = new AbortController()
    const abandon = () => search.abort(signal.reason)
    signal.addEventListener('abort', abandon, { once: true })
    if (signal.aborted) abandon()
    this.#search = search
    try {
      const { candidate, proved } = await this.#seek(search.signal)
      if (search.signal.aborted) {
        proved.socket.destroy()
        throw search.signal.reason
      }
      this.#connection = this.#startConnection(candidate, proved.endpoint, hangUp)
      return proved.socket
    } catch (error) {
      if (!search.signal.aborted) this.#giveUp(error as Error)
      throw error
    }
  }

  async #seek(signal: AbortSignal): Promise<Found> {
    for (;;) {
      signal.throwIfAborted()
      const found = await this.#perform(decide(this.#state, this.#options.clock.now()), signal)
      if (found !== undefined) return found
    }
  }

  async #perform(action: Action, signal: AbortSignal): Promise<Found | undefined> {
    switch (action.do) {
      case 'wait':
        await this.#wait(action.untilMs, signal)
        return undefined
      case 'discover':
        this.#discovery?.stop()
        this.#tell({ type: 'discovering' })
        this.#report({ type: 'discovering' })
        this.#discovery = startDiscovery(this.#options.discover)
        return undefined
      case 'pull':
        await this.#pull(signal)
        return undefined
      case 'attempt':
        return this.#attempt(action.candidate, action.addresses, signal)
      case 'end-round':
        this.#report({ type: 'round-over' })
        return undefined
      case 'give-up':
        throw this.#finalError(action.because)
    }
  }

  async #wait(untilMs: number, signal: AbortSignal): Promise<void> {
    const delayMs = untilMs - this.#options.clock.now()
    this.#tell({ type: 'waiting', untilMs, delayMs })
    await sleep(this.#options.clock, delayMs, signal)
    this.#report({ type: 'waited' })
  }

  async #pull(signal: AbortSignal): Promise<void> {
    try {
      const step = await this.#discovery?.next(signal)
      if (step === undefined) return
      if (step.done) {
        this.#report({ type: 'plan', plan: step.plan })
        this.#tell({ type: 'discovered', plan: step.plan })
      } else {
        this.#report({ type: 'candidate', candidate: step.candidate })
        this.#tell({ type: 'candidate', candidate: step.candidate })
      }
    } catch (error) {
      signal.throwIfAborted()
      this.#report({ type: 'discovery-failed', error })
      this.#tell({ type: 'discovery-failed', error })
    }
  }

  /** Races the addresses; those whose peer was refused once more, where DNS has changed since the candidate was found. */
  async #attempt(candidate: Candidate, addresses: readonly Address[], signal: AbortSignal): Promise<Found | undefined> {
    const endpoints = interleaved(addresses).map((address) => endpointOf(candidate, address))
    const result = await this.#race(candidate, endpoints, signal)
    const renewed = result.won ? undefined : await this.#recheck(candidate, result.failures, signal)
    if (renewed === undefined) return this.#reportRace(candidate, result, result.failures)
    const again = endpoints.filter((endpoint) =>
      result.failures.some((error) => error.endpoint === endpoint && isRefusal(error)),
    )
    this.#reportRace(
      candidate,
      result,
      result.failures.filter((error) => !isRefusal(error)),
    )
    this.#report({ type: 'renewed', from: candidate, to: renewed })
    this.#tell({ type: 'rechecked', candidate: renewed })
    const second = await this.#race(renewed, again, signal)
    return this.#reportRace(renewed, second, second.failures)
  }

  #race(candidate: Candidate, endpoints: readonly Endpoint[], signal: AbortSignal): Promise<Raced> {
    const { clock, plugins, connectionAttemptDelayMs: delayMs } = this.#options
    const attempt = async (endpoint: Endpoint, cancelled: AbortSignal): Promise<Proved> => {
      this.#tell({ type: 'dialling', endpoint })
      try {
        const proved = await dial(candidate, endpoint, { ...this.#options.dial, clock, plugins, signal: cancelled })
        const { by, detail } = proved.judgement ?? { by: undefined, detail: 'plain TCP proves nothing' }
        this.#tell({ type: 'proved', endpoint, by, detail })
        candidate.note({ code: 'peer-accepted', detail: `${whereOf(endpoint)}, by ${by ?? 'nobody'}: ${detail}` })
        return proved
      } catch (error) {
        if (!cancelled.aborted) this.#tellFailure(candidate, endpoint, error as AttemptError)
        throw error
      }
    }
    const discard = ({ socket }: Proved) => void socket.destroy()
    return race(endpoints, attempt, discard, { clock, delayMs, signal })
  }

  #tellFailure(candidate: Candidate, endpoint: Endpoint, error: AttemptError): void {
    this.#tell({ type: 'attempt-failed', endpoint, error })
    if (isRefusal(error)) candidate.note({ code: 'peer-refused', detail: `${whereOf(endpoint)}: ${error.detail}` })
  }

  #reportRace(candidate: Candidate, result: Raced, failures: readonly AttemptError[]): Found | undefined {
    for (const error of failures) this.#report({ type: 'failed', candidate, error })
    return result.won ? { candidate, proved: result.value } : undefined
  }

  async #recheck(candidate: Candidate, failures: readonly AttemptError[], signal: AbortSignal) {
    const { plugins, lookup, clock } = this.#options
    if (lookup === undefined) return undefined
    const { random } = clock
    return recheck(candidate, failures.filter(isRefusal), plugins, { lookup, signal, random })
  }

  #startConnection(candidate: Candidate, endpoint: Endpoint, hangUp: (error?: AttemptError) => void): Connection {
    const { clock, connackTimeoutMs } = this.#options
    return new Connection(endpoint, {
      clock,
      connackTimeoutMs,
      hangUp,
      tell: (event) => this.#tell(event),
      onUp: () => this.#report({ type: 'connected' }),
      onEnd: (how, error) => this.#report({ type: how, candidate, error }),
    })
  }

  // What mqtt.js tells of the connection at hand.

  connack(packet: Connack): void {
    this.#connection?.connack(packet)
  }
  packet(name: string | undefined): void {
    this.#connection?.packet(name)
  }
  disconnect(packet: Disconnect): void {
    this.#connection?.disconnect(packet)
  }
  up(): void {
    this.#connection?.up()
  }
  clientError(error: Error, streamIsOpen: boolean): void {
    this.#connection?.clientError(error, streamIsOpen)
  }
  closed(): void {
    this.#connection?.closed()
    this.#connection = undefined
  }

  /** What the stream ends with where the socket broke. */
  describe(cause: Error): Error {
    return this.#connection?.describe(cause) ?? cause
  }

  /** Ends whatever is under way; nothing stays open. */
  stop(): void {
    if (this.#hasStopped) return
    this.#hasStopped = true
    this.#search.abort(new DOMException('the client has ended', 'AbortError'))
    this.#connection?.abandon()
    this.#discovery?.stop()
    this.#tell({ type: 'stopped' })
  }

  #finalError(because: 'our-fault' | 'exhausted'): Error {
    const { round, refusals, discoveryError, plan, everConnected } = this.#state
    if (!everConnected && round.failures.length === 0 && discoveryError instanceof Error) return discoveryError
    return connectError({
      domain: this.#options.domain,
      attempts: round.failures,
      refusals: because === 'our-fault' ? refusals : [],
      discoveryError,
      vetoed: (plan?.vetoed ?? []).map(({ target: { host, port }, code, cause }) => ({ host, port, code, cause })),
    })
  }

  #giveUp(error: Error): void {
    this.#tell({ type: 'gave-up', error })
    this.#options.onGiveUp(error)
  }

  #report(event: Event): void {
    const { clock } = this.#options
    this.#state = advance(this.#state, event, clock.now(), clock.random())
  }

  #tell(event: Untimed): void {
    this.#options.tell({ ...event, atMs: this.#options.clock.now() } as ConnectEvent)
  }
}

type Raced = RaceResult<Proved, AttemptError>

function whereOf({ address, port }: Endpoint): string {
  return `${address} port ${port}`
}

function isRefusal({ code }: AttemptError): boolean {
  return code === 'mqtt/tls-refused'
}

interface Found {
  readonly candidate: Candidate
  readonly proved: Proved
}
