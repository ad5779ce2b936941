/** The public surface of @portolan/mqtt. */
import { candidates, type Plugin } from '@portolan/core'
import type { MqttClient } from 'mqtt'
import { systemClock } from './clock.ts'
import { connectThrough } from './connect.ts'
import type { ConnectOptions } from './options.ts'

export type { Clock } from './clock.ts'
export { connectThrough } from './connect.ts'
export type { Discover } from './discovery.ts'
export {
  type AttemptCode,
  AttemptError,
  ConnectError,
  type ConnectErrorCode,
  type Endpoint,
  type StruckOut,
} from './errors.ts'
export type { ConnectEvent } from './events.ts'
export type { ConnectionOptions, ConnectOptions, ConnectThroughOptions, MqttOptions, TlsOptions } from './options.ts'

/**
 * Finds the brokers of a domain and connects to the first that proves to be one; keeps the client connected.
 * @throws as `connectThrough`, and as core's `candidates`
 */
export async function connect<const P extends readonly Plugin[] = readonly []>(
  domain: string,
  options: ConnectOptions<P>,
): Promise<MqttClient> {
  const { lookup, plugins, service, allowPlaintext, trustInsecureTargets, lookahead, now, random, onTrace } = options
  const asked = { lookup, plugins, service, allowPlaintext, trustInsecureTargets, lookahead, now, random, onTrace }
  const discover = ({ signal }: { readonly signal: AbortSignal }) => candidates<P>(domain, { ...asked, signal })
  // Of the two parameters only time is shared: a seeded draw must not move because a wait was drawn in between.
  const clock = options.clock ?? (now === undefined ? systemClock : { ...systemClock, now })
  return connectThrough({ ...options, domain, discover, clock })
}
