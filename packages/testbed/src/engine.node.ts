/** The MQTT engine behind one or more brokers: aedes, which speaks MQTT 3.1, 3.1.1 and 5. */
import type { Duplex } from 'node:stream'
import { Aedes, type AedesPublishPacket, type Client } from 'aedes'
import { generate } from 'mqtt-packet'

/** A message that a client published. */
export interface PublishedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly clientId: string
}

/** A CONNACK that refuses. */
export interface Refusal {
  /** MQTT 5 reason code, 0x80 and above; MQTT 3.1.1 clients get the nearest of its return codes. */
  readonly reasonCode: number
  /** Another broker (MQTT 5 §4.13), with 0x9C and 0x9D. */
  readonly serverReference?: string | undefined
}

/** What a broker wants to know of its own connections. */
export interface Door {
  /** Says how to refuse the CONNECT that has just come; `undefined` lets it in. */
  refusal(): Refusal | undefined
  /** @param hangUp closes this connection once what was written to it is out */
  connected(hangUp: () => void): void
  published(message: PublishedMessage): void
}

export interface Engine {
  /** Takes over a connection whose TLS handshake is done. */
  handle(connection: Duplex, door: Door): void
  /** Sends DISCONNECT to all clients that came through the door, then closes them (MQTT 5 §3.14; MQTT 3 has only the second). */
  disconnect(door: Door, reason: Refusal): void
  close(): Promise<void>
}

/** MQTT 3.1.1 §3.2.2.3; what it has no word for is "server unavailable". */
const RETURN_CODES: ReadonlyMap<number, number> = new Map([
  [0x84, 1],
  [0x85, 2],
  [0x86, 4],
  [0x87, 5],
])
const SERVER_UNAVAILABLE = 3

/** Brokers on one engine share sessions, subscriptions and retained messages, as the nodes of a cluster do. */
export async function startEngine(): Promise<Engine> {
  const doors = new Map<object, Door>()
  const doorOf = (client: Client | null) => (client === null ? undefined : doors.get(client.conn))
  const aedes = await Aedes.createBroker({
    preConnect(client, packet, admit) {
      const refusal = doorOf(client)?.refusal()
      if (refusal === undefined) admit(null, true)
      else client.conn.end(connack(refusal, packet.protocolVersion ?? 4), () => admit(null, false))
    },
  })
  aedes.on('clientReady', (client) => doorOf(client)?.connected(() => client.conn.end()))
  aedes.on('publish', (packet, client) => {
    if (client !== null) doorOf(client)?.published(messageOf(packet, client))
  })
  return {
    handle(connection, door) {
      doors.set(connection, door)
      connection.once('close', () => doors.delete(connection))
      aedes.handle(connection)
    },
    disconnect(door, { reasonCode, serverReference }) {
      for (const [connection, theirs] of doors) {
        const { client } = connection as { client?: Client }
        const properties = serverReference === undefined ? {} : { serverReference }
        if (theirs === door) client?.disconnect({ reasonCode, properties })
      }
    },
    close: () => new Promise((resolve) => aedes.close(resolve)),
  }
}

/** Written here, because aedes answers with few of the codes that MQTT 5 §3.2.2.2 knows. */
function connack({ reasonCode, serverReference }: Refusal, protocolVersion: number): Uint8Array {
  const packet = { cmd: 'connack' as const, sessionPresent: false }
  if (protocolVersion < 5)
    return generate({ ...packet, returnCode: RETURN_CODES.get(reasonCode) ?? SERVER_UNAVAILABLE })
  const properties = serverReference === undefined ? {} : { serverReference }
  return generate({ ...packet, reasonCode, properties }, { protocolVersion: 5 })
}

function messageOf({ topic, payload, qos, retain }: AedesPublishPacket, { id }: Client): PublishedMessage {
  return { topic, payload: Uint8Array.from(Buffer.from(payload)), qos, retain, clientId: id }
}
