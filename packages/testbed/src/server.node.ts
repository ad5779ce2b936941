/** The sockets: UDP and TCP on one loopback port, messages in, messages out (RFC 1035 §4.2, RFC 7766). */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { TestbedError } from './errors.ts'
import { framed, messagesOf } from './framing.ts'

/** @returns `undefined` where nothing is to be sent */
export type Respond = (octets: Uint8Array, transport: 'udp' | 'tcp') => Uint8Array | undefined

export interface DnsServer {
  readonly port: number
  close(): Promise<void>
}

/** A random port is free for UDP; that TCP has the same one free is likely, not certain. */
const PORT_ATTEMPTS = 20

/** @throws TestbedError `testbed/listen` where the address or the port cannot be had */
export async function listen(host: string, port: number, respond: Respond): Promise<DnsServer> {
  for (let attempt = 1; ; attempt++) {
    const datagrams = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const streams = createServer()
    try {
      await bound(datagrams, host, port)
      const { port: actual } = datagrams.address()
      streams.listen(actual, host)
      await once(streams, 'listening')
      return serve(datagrams, streams, respond)
    } catch (cause) {
      datagrams.close()
      if (port !== 0 || attempt === PORT_ATTEMPTS) {
        throw new TestbedError('testbed/listen', `no DNS server on ${host} port ${port}`, { cause })
      }
    }
  }
}

async function bound(socket: DatagramSocket, host: string, port: number): Promise<void> {
  socket.bind(port, host)
  await once(socket, 'listening')
}

function serve(datagrams: DatagramSocket, streams: Server, respond: Respond): DnsServer {
  const connections = new Set<Socket>()
  datagrams.on('message', (octets, peer) => {
    const reply = respond(octets, 'udp')
    if (reply !== undefined) datagrams.send(reply, peer.port, peer.address, () => {}) // a client that went away is its own affair
  })
  streams.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on(
      'data',
      messagesOf((octets) => {
        const reply = respond(octets, 'tcp')
        if (reply !== undefined) socket.write(framed(reply))
      }),
    )
  })
  return {
    port: (streams.address() as AddressInfo).port,
    async close() {
      for (const socket of connections) socket.destroy()
      await Promise.all([
        new Promise<void>((resolve) => datagrams.close(() => resolve())),
        new Promise<void>((resolve) => streams.close(() => resolve())),
      ])
    },
  }
}
