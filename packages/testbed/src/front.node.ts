/** A broker's door: TCP and TLS before the MQTT engine, with all that can go wrong there. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls'
import type { Certificate } from './certificates.node.ts'
import type { Door, Engine, PublishedMessage, Refusal } from './engine.node.ts'
import { TestbedError } from './errors.ts'
import { Tap } from './tap.node.ts'

/** From where on a broker stays silent: before the TLS handshake, as a halted process does, or after it. */
export type FrozenFrom = 'connection' | 'handshake'

/** What a broker does wrong to connections; each ends when it is deleted. */
export interface FrontFaults {
  frozen?: FrozenFrom
  /** After what it hangs up. */
  hangsUpAfter?: 'handshake' | 'connack'
  /** After the handshake it sends octets that are no MQTT. */
  garbles?: boolean
  refusal?: Refusal
}

export type BrokerTlsOptions = Pick<
  TlsOptions,
  'minVersion' | 'maxVersion' | 'ciphers' | 'ALPNProtocols' | 'requestCert' | 'rejectUnauthorized' | 'ca'
>

const GARBAGE_OCTETS = 64

export class Front implements Door {
  readonly counts = { connections: 0, handshakes: 0, sessions: 0, octetsReceived: 0 }
  readonly messages: PublishedMessage[] = []
  readonly faults: FrontFaults = {}
  readonly #engine: Engine
  readonly #tls: TlsServer
  readonly #sockets = new Set<Socket>()
  readonly #taps = new Set<Tap>()
  readonly #waiting: Socket[] = []
  #server: Server | undefined

  constructor(engine: Engine, certificate: Certificate, options: BrokerTlsOptions) {
    this.#engine = engine
    this.#tls = createTlsServer({ ...options, ...contextOf(certificate) }, (socket) => this.#secured(socket))
    // A client that refuses our certificate is what half of the tests are about.
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  get listening(): boolean {
    return this.#server !== undefined
  }

  /** @returns the port, which was chosen where 0 was asked for. @throws TestbedError `testbed/listen` */
  async listen(address: string, port: number): Promise<number> {
    const server = createServer((socket) => this.#accepted(socket))
    try {
      server.listen(port, address)
      await once(server, 'listening')
    } catch (cause) {
      throw new TestbedError('testbed/listen', `no broker on ${address} port ${port}`, { cause })
    }
    this.#server = server
    return (server.address() as AddressInfo).port
  }

  /** Stops listening and resets every connection, as a killed process's kernel does. */
  async shut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.resetAndDestroy()
    for (const tap of this.#taps) tap.destroy()
    this.#waiting.length = 0
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  freeze(from: FrozenFrom): void {
    this.faults.frozen = from
    for (const tap of this.#taps) tap.freeze()
  }

  thaw(): void {
    delete this.faults.frozen
    for (const tap of this.#taps) tap.thaw()
    for (const socket of this.#waiting.splice(0)) this.#tls.emit('connection', socket)
  }

  /** For handshakes from now on. */
  present(certificate: Certificate): void {
    this.#tls.setSecureContext(contextOf(certificate))
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  refusal(): Refusal | undefined {
    return this.faults.refusal
  }

  connected(hangUp: () => void): void {
    this.counts.sessions++
    if (this.faults.hangsUpAfter === 'connack') hangUp()
  }

  published(message: PublishedMessage): void {
    this.messages.push(message)
  }

  #accepted(socket: Socket): void {
    this.counts.connections++
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (this.faults.frozen === 'connection') this.#waiting.push(socket)
    else this.#tls.emit('connection', socket)
  }

  #secured(socket: TLSSocket): void {
    this.counts.handshakes++
    const count = (octets: number) => {
      this.counts.octetsReceived += octets
    }
    const { hangsUpAfter, garbles, frozen } = this.faults
    socket.on('error', () => socket.destroy())
    if (hangsUpAfter === 'handshake') socket.end()
    else if (garbles) socket.on('data', ({ length }) => count(length)).write(randomBytes(GARBAGE_OCTETS))
    else {
      const tap = new Tap(socket, count)
      this.#taps.add(tap)
      tap.once('close', () => this.#taps.delete(tap))
      if (frozen !== undefined) tap.freeze()
      this.#engine.handle(tap, this)
    }
  }
}

function contextOf({ chainPem, privateKeyPem }: Certificate): { cert: string; key: string } {
  return { cert: chainPem, key: privateKeyPem }
}
