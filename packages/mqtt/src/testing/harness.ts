/** For tests: connects to servers on loopback, and leaves nothing open. */
import { once } from 'node:events'
import type { Candidate } from '@portolan/core'
import type { MqttClient } from 'mqtt'
import { type Clock, systemClock } from '../clock.ts'
import { connectThrough } from '../connect.ts'
import type { Discover } from '../discovery.ts'
import type { ConnectEvent } from '../events.ts'
import type { ConnectThroughOptions } from '../options.ts'
import { type Authority, makeAuthority } from './certificates.ts'
import { candidate, DOMAIN, discovering } from './plan.ts'
import type { TestServer } from './servers.ts'

/** Waits of the back-off end at once. */
const eagerClock: Clock = { ...systemClock, random: () => 0 }

export interface Harness {
  readonly events: ConnectEvent[]
  /** Ends with the test. */
  opened<T extends { close(): Promise<void> }>(server: T | Promise<T>): Promise<T>
  connect(to: Discover | readonly Candidate[], options?: Partial<ConnectThroughOptions>): Promise<MqttClient>
  /** Events as `type host:port code`, without ports. */
  story(): readonly string[]
  /** The next event of this kind, from now on. */
  next<Type extends ConnectEvent['type']>(type: Type): Promise<Extract<ConnectEvent, { type: Type }>>
  close(): Promise<void>
}

export function harness(authority: Authority): Harness {
  const events: ConnectEvent[] = []
  const listeners = new Set<(event: ConnectEvent) => void>()
  const clients: MqttClient[] = []
  const servers: { close(): Promise<void> }[] = []
  return {
    events,
    async opened(server) {
      const open = await server
      servers.push(open)
      return open
    },
    async connect(to, options = {}) {
      const discover = typeof to === 'function' ? to : discovering(to)
      const client = await connectThrough({
        domain: DOMAIN,
        discover,
        clock: eagerClock,
        onEvent: (event) => {
          events.push(event)
          for (const listener of listeners) listener(event)
        },
        ...options,
        tls: { ca: authority.ca, ...options.tls },
      })
      clients.push(client)
      return client
    },
    story: () => events.map(storyLine),
    next: (type) =>
      new Promise((resolve) => {
        const listener = (event: ConnectEvent) => {
          if (event.type !== type) return
          listeners.delete(listener)
          resolve(event as Extract<ConnectEvent, { type: typeof type }>)
        }
        listeners.add(listener)
      }),
    async close() {
      for (const client of clients.splice(0)) if (!client.disconnected) await client.endAsync(true)
      for (const server of servers.splice(0)) await server.close()
    },
  }
}

function storyLine(event: ConnectEvent): string {
  const host = 'endpoint' in event ? ` ${event.endpoint.host.split('.')[0]}` : ''
  const code = 'error' in event && event.error instanceof Error && 'code' in event.error ? ` ${event.error.code}` : ''
  return `${event.type}${host}${event.type === 'connack' ? ` ${event.reasonCode}` : code}`
}

/** The candidate of a server: `b1` is `b1.fleet.test` on its port. */
export function at(
  server: Pick<TestServer, 'port'>,
  name = 'b1',
  more: Parameters<typeof candidate>[0] = {},
): Candidate {
  return candidate({ host: `${name}.fleet.test`, port: server.port, ...more })
}

/** The rejection of a promise; a test fails where there is none. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not reject')
}

/** The next event of a client's own. */
export function occurs(
  client: MqttClient,
  event: 'connect' | 'end' | 'close' | 'offline' | 'reconnect',
): Promise<void> {
  return new Promise((resolve) => client.once(event, () => resolve()))
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  return port
}

let shared: Promise<Authority> | undefined
/** One authority for a file's tests. */
export function testAuthority(): Promise<Authority> {
  shared ??= makeAuthority()
  return shared
}
