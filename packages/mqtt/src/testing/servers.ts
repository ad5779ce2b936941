/** For tests: TLS servers on loopback that do as they are told, and an MQTT 5 broker. */
import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Aedes } from 'aedes'
import { generate, type Packet, parser } from 'mqtt-packet'
import type { Credentials } from './certificates.ts'

export interface TestServer {
  readonly port: number
  /** Every octet that a client sent inside TLS (or over plain TCP). */
  readonly octets: () => number
  /** Connections that reached MQTT. */
  readonly connections: () => number
  /** Ends each connection at once and listens no more. */
  close(): Promise<void>
  /** Cuts the connections, goes on listening. */
  cut(): void
  /** Resolves once no connection is open. */
  idle(): Promise<void>
}

export interface ServeOptions {
  readonly tls?: TlsOptions | undefined
  readonly host?: string
  readonly port?: number
  /** Keep our side open after the client has ended its own. */
  readonly allowHalfOpen?: boolean
}

/** Hands each connection to `handle`. Without `tls` it is plain TCP. */
export async function serve(
  handle: (socket: Socket) => void,
  { tls, host = '127.0.0.1', port = 0, allowHalfOpen = false }: ServeOptions = {},
): Promise<TestServer> {
  const sockets = new Set<Socket>()
  let octets = 0
  let connections = 0
  const accept = (socket: Socket) => {
    connections++
    socket.on('data', (chunk: Uint8Array) => {
      octets += chunk.length
    })
    handle(socket)
  }
  const server =
    tls === undefined ? createTcpServer({ allowHalfOpen }, accept) : createTlsServer({ ...tls, allowHalfOpen }, accept)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}))
  server.on('tlsClientError', () => {})
  server.listen(port, host)
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    octets: () => octets,
    connections: () => connections,
    cut,
    async idle() {
      while (sockets.size > 0) await Promise.all([...sockets].map((socket) => once(socket, 'close')))
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}

export interface Script {
  /** Each packet of the client, with means to answer. */
  onPacket(packet: Packet, reply: (packet: Packet) => void, socket: Socket): void
}

/** A broker that answers by a script. */
export function serveScript(
  script: Script,
  options: ServeOptions & { readonly version?: 4 | 5 } = {},
): Promise<TestServer> {
  const protocol = { protocolVersion: options.version ?? 5 }
  return serve((socket) => {
    const read = parser(protocol)
    const reply = (packet: Packet) => void (socket.writable && socket.write(generate(packet, protocol)))
    read.on('packet', (packet) => script.onPacket(packet, reply, socket))
    socket.on('data', (chunk) => read.parse(chunk as Buffer))
  }, options)
}

/** One that answers CONNECT with this reason code, and all else not at all. */
export function serveConnack(
  reasonCode: number,
  tls: Credentials | undefined,
  { version = 5, ...more }: ServeOptions & { readonly version?: 4 | 5; readonly properties?: object } = {},
): Promise<TestServer> {
  const { properties = {}, ...options } = more
  const connack =
    version === 5
      ? ({ cmd: 'connack', reasonCode, sessionPresent: false, properties } as const)
      : ({ cmd: 'connack', returnCode: reasonCode, sessionPresent: false } as const)
  const script: Script = { onPacket: ({ cmd }, reply) => cmd === 'connect' && reply(connack as Packet) }
  return serveScript(script, { ...options, tls, version })
}

export interface TestBroker extends TestServer {
  readonly aedes: Aedes
}

/** A real broker: MQTT 3.1.1 and 5. */
export async function serveBroker(tls: Credentials | undefined, options: ServeOptions = {}): Promise<TestBroker> {
  const aedes = await Aedes.createBroker()
  const server = await serve((socket) => void aedes.handle(socket), { ...options, tls })
  return {
    ...server,
    aedes,
    async close() {
      await server.close()
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
    },
  }
}
