/** For the tests: name servers on loopback that answer, or misbehave, as a test tells them. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { framed, frameReader } from '../frames.ts'
import { type MessageHead, readMessage } from '../message.ts'
import type { ServerAddress } from '../server-address.ts'
import { certificate, privateKey } from './certificate.ts'
import { message, question, type RawMessage } from './messages.ts'

export interface Loopback {
  readonly server: ServerAddress & { readonly port: number }
  /** Each question that came, with the port or connection that it came from. */
  readonly asked: { readonly head: MessageHead; readonly from: number }[]
  close(): Promise<void>
}

/** The reply to a query, with its id and question. */
export function replyTo(query: Uint8Array, parts: RawMessage = {}): Uint8Array {
  const { id, questions } = readMessage(query)
  return message({ id, questions: questions.map(({ ownerOctets, type }) => question(ownerOctets, type)), ...parts })
}

export type DatagramAnswer = (query: Uint8Array, send: (octets: Uint8Array) => void, number: number) => void

export async function udpServer(answer: DatagramAnswer, address = '127.0.0.1'): Promise<Loopback> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
  const asked: Loopback['asked'] = []
  socket.on('message', (query: Buffer, { port, address: peer }: RemoteInfo) => {
    asked.push({ head: readMessage(query), from: port })
    answer(query, (octets) => socket.send(octets, port, peer), asked.length)
  })
  socket.bind(0, address)
  await once(socket, 'listening')
  const close = async () => {
    socket.close()
    await once(socket, 'close')
  }
  return { server: { host: address, port: socket.address().port }, asked, close }
}

export type StreamAnswer = (query: Uint8Array, socket: Socket, connection: number) => void

export type StreamLoopback = Loopback & { readonly sockets: Socket[] }

export function tcpServer(answer: StreamAnswer): Promise<StreamLoopback> {
  return streamServer(answer, (onSocket) => createServer(onSocket))
}

export function tlsServer(answer: StreamAnswer): Promise<StreamLoopback> {
  const options = { cert: certificate, key: privateKey, ALPNProtocols: ['dot'] }
  return streamServer(answer, (onSocket) => createTlsServer(options, onSocket))
}

async function streamServer(
  answer: StreamAnswer,
  create: (onSocket: (socket: Socket) => void) => Server,
): Promise<StreamLoopback> {
  const sockets: Socket[] = []
  const asked: Loopback['asked'] = []
  const server = create((socket) => {
    const number = sockets.push(socket)
    const frames = frameReader()
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      for (const query of frames.push(chunk)) {
        asked.push({ head: readMessage(query), from: number })
        answer(query, socket, number)
      }
    })
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { server: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, asked, sockets, close }
}

export const sendFramed = (socket: Socket, octets: Uint8Array): boolean => socket.write(framed(octets))

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const { server, close } = await udpServer(() => {})
  await close()
  return server.port
}
