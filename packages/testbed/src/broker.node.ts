/** A TLS MQTT broker of the testbed: published in the tree, watched, and put out of order while it runs. */
import type { Name } from '@portolan/core'
import type { Certificate, TlsaChoice } from './certificates.node.ts'
import type { PublishedMessage, Refusal } from './engine.node.ts'
import type { Undo } from './faults.ts'
import type { BrokerTlsOptions, Front, FrontFaults, FrozenFrom } from './front.node.ts'
import type { Position } from './publication.ts'

export interface BrokerOptions {
  /** Its name, in one of the tree's zones. */
  readonly host: string
  /** The domain that offers it by SRV; default the zone that the host lies in. `false`: nobody does. */
  readonly service?: string | false | undefined
  /** Of its SRV record; default 0, the first to be tried. */
  readonly priority?: number | undefined
  /** Of its SRV record; default 10. */
  readonly weight?: number | undefined
  /** Published as LOC at the host; default none. */
  readonly position?: Position | undefined
  /** Published below the host, for the certificate that it has at the start; default `3 1 1`. */
  readonly tlsa?: TlsaChoice | false | undefined
  /** Default: one from the testbed's authority, for the host and the service domain. */
  readonly certificate?: Certificate | undefined
  /** Where it listens; default the next free of 127.0.0.2 to 127.0.0.254, and 127.0.0.1 where a system has no other. */
  readonly address?: string | undefined
  /** Default 0, any free one. */
  readonly port?: number | undefined
  /** Brokers of one cluster share sessions, subscriptions and retained messages; default: all are of one. */
  readonly cluster?: string | undefined
  readonly tls?: BrokerTlsOptions | undefined
}

export interface Broker {
  readonly host: Name
  readonly address: string
  readonly port: number
  /** What it shows now. */
  readonly certificate: Certificate
  readonly running: boolean
  /** TCP connections so far. */
  readonly connections: number
  readonly openConnections: number
  /** TLS handshakes that ended well, on the broker's side. */
  readonly handshakes: number
  /** CONNECT packets that were answered with success. */
  readonly sessions: number
  /** Octets that came out of TLS, MQTT or not: what a broker saw of a client. */
  readonly octetsReceived: number
  /** Messages that clients of this broker published, oldest first; kept until the testbed closes. */
  readonly published: readonly PublishedMessage[]
  /** Stops listening and resets all connections; what its engine knows survives. */
  kill(): Promise<void>
  /** Listens again, on the same address and port. @throws TestbedError `testbed/listen` */
  revive(): Promise<void>
  /** Accepts and stays silent, on open connections too. From `connection` (default) there is not even a handshake. */
  freeze(from?: FrozenFrom): Undo
  /** Ends a freeze; what was held goes on. */
  thaw(): void
  /** Shows another certificate from the next handshake on; TLSA stay as they are, unless published. */
  present(certificate: Certificate, options?: { readonly publish?: TlsaChoice | undefined }): void
  /** Answers CONNECT with this reason code (MQTT 5 §3.2.2.2; MQTT 3.1.1 clients get the nearest return code). */
  refuse(reasonCode: number, serverReference?: string): Undo
  /** Hangs up after the handshake, or after a successful CONNACK. */
  hangUpAfter(stage: 'handshake' | 'connack'): Undo
  /** Sends octets that are no MQTT after the handshake. */
  garble(): Undo
  /** Sends DISCONNECT to the clients of this broker (MQTT 5 §3.14.2.1), then closes their connections. */
  disconnectClients(reasonCode: number, serverReference?: string): void
  /** Ends all faults but a kill. */
  heal(): void
}

export interface BrokerParts {
  readonly front: Front
  readonly host: Name
  readonly address: string
  readonly port: number
  certificate: Certificate
  disconnect(reason: Refusal): void
  publishTlsa(certificate: Certificate, choice: TlsaChoice): void
}

export function brokerHandle(parts: BrokerParts): Broker {
  const { front, host, address, port } = parts
  const { faults, counts } = front
  let certificate = parts.certificate
  /** The undo ends this fault only if no later call has put another in its place. */
  function set<K extends keyof FrontFaults>(fault: K, value: NonNullable<FrontFaults[K]>): Undo {
    faults[fault] = value
    return () => {
      if (faults[fault] === value) delete faults[fault]
    }
  }
  return {
    host,
    address,
    port,
    get certificate() {
      return certificate
    },
    get running() {
      return front.listening
    },
    get connections() {
      return counts.connections
    },
    get openConnections() {
      return front.openConnections
    },
    get handshakes() {
      return counts.handshakes
    },
    get sessions() {
      return counts.sessions
    },
    get octetsReceived() {
      return counts.octetsReceived
    },
    published: front.messages,
    kill: () => front.shut(),
    async revive() {
      if (!front.listening) await front.listen(address, port)
    },
    freeze(from = 'connection') {
      front.freeze(from)
      return () => front.thaw()
    },
    thaw: () => front.thaw(),
    present(next, options) {
      front.present(next)
      certificate = next
      if (options?.publish !== undefined) parts.publishTlsa(next, options.publish)
    },
    refuse: (reasonCode, serverReference) => set('refusal', { reasonCode, serverReference }),
    hangUpAfter: (stage) => set('hangsUpAfter', stage),
    garble: () => set('garbles', true),
    disconnectClients: (reasonCode, serverReference) => parts.disconnect({ reasonCode, serverReference }),
    heal() {
      delete faults.refusal
      delete faults.hangsUpAfter
      delete faults.garbles
      front.thaw()
    },
  }
}
