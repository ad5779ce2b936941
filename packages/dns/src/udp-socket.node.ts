/** Connected UDP sockets, each with a source port of its own for a limited number of questions. */
import { createSocket, type Socket } from 'node:dgram'
import type { Datagram, DatagramSocket } from './datagram-question.ts'
import { type MessageIds, messageIds } from './message-ids.ts'
import { isIpv6, type ServerAddress } from './server-address.ts'

/**
 * What a default receive buffer holds of full-sized datagrams, if all replies come at once. It also makes ports change
 * often (RFC 5452 §9.2).
 */
const MAX_DATAGRAMS = 100
/** The system grants less where it allows less. */
const RECEIVE_BUFFER_OCTETS = 1 << 20

type Listener = Omit<Datagram, 'octets'>

/** Waits on behalf of questions that have ended: the replies to their other tries are no strays. */
const NOBODY: Listener = { onReply() {}, onStray() {}, onFailure() {} }

interface UdpSocket extends DatagramSocket {
  /** Whether it may take another question. */
  readonly hasRoom: boolean
  fail(cause: unknown): void
}

export interface UdpSockets {
  /** The newest socket, or a fresh one where that is used up or closed. */
  withRoom(): DatagramSocket
  readonly areClosed: boolean
  close(): void
}

export function udpSockets(server: ServerAddress, randomId?: () => number): UdpSockets {
  const open = new Set<UdpSocket>()
  let newest: UdpSocket | undefined
  let areClosed = false
  return {
    withRoom() {
      if (newest?.hasRoom === true) return newest
      const fresh = udpSocket(server, randomId, () => open.delete(fresh))
      open.add(fresh)
      newest = fresh
      return fresh
    },
    get areClosed() {
      return areClosed
    },
    close() {
      areClosed = true
      for (const socket of open) socket.fail(new Error('the transport was closed'))
    },
  }
}

/**
 * Connected, so that the system drops what others send and reports a refusal (ICMP, RFC 1122 §4.1.3.3). It closes with the
 * end of its last question, so that no idle socket keeps a process or a port.
 */
function udpSocket(
  { host, port = 53 }: ServerAddress,
  randomId: (() => number) | undefined,
  onClose: () => void,
): UdpSocket {
  const socket: Socket = createSocket(isIpv6(host) ? 'udp6' : 'udp4')
  const waiting = messageIds<Listener>(randomId)
  let unsent: Uint8Array[] | undefined = []
  let sent = 0
  let ended = 0
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    socket.close()
    onClose()
  }
  const fail = (cause: unknown) => {
    const listeners = [...waiting.all()]
    close()
    for (const listener of listeners) listener.onFailure(cause)
  }
  const transmit = (octets: Uint8Array) => {
    socket.send(octets, (error) => {
      if (error !== null && isOpen) fail(error)
    })
  }
  socket.on('error', fail)
  socket.on('message', (datagram) => dispatch(waiting, datagram))
  socket.connect(port, host, (error?: unknown) => {
    if (!isOpen) return
    if (error !== undefined && error !== null) return fail(error)
    growReceiveBuffer(socket)
    for (const octets of unsent ?? []) transmit(octets)
    unsent = undefined
  })
  return {
    get hasRoom() {
      return isOpen && sent < MAX_DATAGRAMS
    },
    send(datagram) {
      const id = waiting.take(datagram)
      sent++
      if (unsent === undefined) transmit(datagram.octets(id))
      else unsent.push(datagram.octets(id))
      return () => {
        waiting.replace(id, NOBODY)
        if (++ended === sent) close()
      }
    },
    fail,
  }
}

function dispatch(waiting: MessageIds<Listener>, datagram: Buffer): void {
  const id = datagram.length < 2 ? undefined : datagram.readUInt16BE()
  const listener = id === undefined ? undefined : waiting.get(id)
  if (listener !== undefined) {
    listener.onReply(datagram)
    return
  }
  const what = id === undefined ? `a datagram of ${datagram.length} octets` : `a reply with the id ${id}`
  for (const one of waiting.all()) one.onStray(`${what} came, which no question had`)
}

function growReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_OCTETS)
  } catch {
    // A system that refuses keeps its own size; few datagrams a socket is what we rely on.
  }
}
