/** For tests: asks a testbed over UDP or TCP, octet by octet where it matters, and reads what came with the exact reader. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseName, typeText } from '@portolan/core'
import { type Message, type MessageRecord, readMessage, writeQuery } from '@portolan/dns'
import { messagesOf } from '../framing.ts'
import type { Testbed } from '../testbed.node.ts'

export interface Asking {
  readonly dnssecOk?: boolean
  readonly edns?: boolean
  readonly udpPayloadOctets?: number
  readonly id?: number
}

const OPT_OCTETS = 11

export function query(name: string, type: number, asking: Asking = {}): Uint8Array {
  const { dnssecOk = true, edns = true, udpPayloadOctets = 4096, id = 4711 } = asking
  const octets = writeQuery({ name: parseName(name), type }, { id, udpPayloadOctets })
  if (!dnssecOk) octets[octets.length - 4] = 0
  if (edns) return octets
  octets[11] = 0
  return octets.slice(0, -OPT_OCTETS)
}

/** Sends one datagram and resolves to the first that comes back. */
export async function datagram(testbed: Testbed, octets: Uint8Array): Promise<Uint8Array> {
  return firstOf(testbed, (send) => send(octets))
}

const CONTROL_ID = 9

/**
 * Whether these octets are answered: known without waiting, because a control question follows from the same socket.
 * @param between done once the server has seen the question, before the control one leaves
 */
export async function isAnswered(testbed: Testbed, octets: Uint8Array, between?: () => void): Promise<boolean> {
  const seen = testbed.questions.length
  const reply = await firstOf(testbed, async (send) => {
    send(octets)
    while (between !== undefined && testbed.questions.length === seen) await new Promise(setImmediate)
    between?.()
    send(query('.', 6, { id: CONTROL_ID }))
  })
  return readMessage(reply).id !== CONTROL_ID
}

type Send = (octets: Uint8Array) => void

async function firstOf(testbed: Testbed, act: (send: Send) => void | Promise<void>): Promise<Uint8Array> {
  const socket = createSocket('udp4')
  try {
    const reply = once(socket, 'message', { signal: AbortSignal.timeout(5000) })
    await act((octets) => socket.send(octets, testbed.resolver.port, testbed.resolver.host))
    const [message] = (await reply) as [Buffer]
    return Uint8Array.from(message)
  } finally {
    socket.close()
  }
}

export async function ask(testbed: Testbed, name: string, type: number, asking?: Asking): Promise<Message> {
  return readMessage(await datagram(testbed, query(name, type, asking)))
}

/** Sends these pieces over one connection and reads as many messages as are expected. */
export async function stream(testbed: Testbed, pieces: readonly Uint8Array[], count: number): Promise<Uint8Array[]> {
  const socket = connect(testbed.resolver.port, testbed.resolver.host)
  const messages: Uint8Array[] = []
  const collect = messagesOf((message) => messages.push(message))
  socket.setNoDelay(true)
  await once(socket, 'connect')
  for (const piece of pieces) await new Promise<void>((resolve) => socket.write(piece, () => resolve()))
  for await (const chunk of socket) {
    collect(chunk)
    if (messages.length >= count) break
  }
  return messages
}

/** `SRV*2 RRSIG(SRV)`: a section at one glance. */
export function glance(section: readonly MessageRecord[]): string {
  const labels = section.map(({ type, rdata: [high = 0, low = 0] }) =>
    type === 46 ? `RRSIG(${typeText((high << 8) | low)})` : typeText(type),
  )
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].map(([label, count]) => (count === 1 ? label : `${label}*${count}`)).join(' ')
}
