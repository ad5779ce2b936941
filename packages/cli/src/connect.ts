/** `connect`, composed with the defaults. */
import type { ConnectionOptions } from '@portolan/mqtt'
import type { MqttClient } from 'mqtt'
import { composeLookup } from './compose.ts'
import type { DiscoverOptions } from './discover.ts'
import { pluginsFor } from './plugins.ts'

export interface ConnectOptions extends Omit<DiscoverOptions, 'dane'>, ConnectionOptions {
  /**
   * Default `required`: the certificate must be one that proved TLSA records name. `opportunistic` lets PKIX decide about
   * brokers that provably have none; `report` lets it decide about all.
   */
  readonly dane?: DiscoverOptions['dane']
}

export type Connect = (domain: string, options?: ConnectOptions) => Promise<MqttClient>

/**
 * Finds the brokers of a domain and connects to the first that proves to be one: an mqtt.js client after CONNACK, which
 * finds its next broker by itself until it is ended.
 * @throws ConnectError, DiscoveryError, InvalidNameError, InvalidOptionError, or the signal's reason
 */
export const connect: Connect = async (domain, options = {}) => {
  // Only here, because mqtt.js takes several times as long to load as everything else, and discovery alone needs none of it.
  const { connect: connectWith } = await import('@portolan/mqtt')
  const plugins = pluginsFor(options.dane ?? 'required', options.near, options.now)
  if (options.lookup !== undefined) return connectWith(domain, { ...options, lookup: options.lookup, plugins })
  const lookup = composeLookup(options)
  try {
    const client = await connectWith(domain, { ...options, lookup, plugins })
    client.once('end', () => lookup.close())
    return client
  } catch (error) {
    lookup.close()
    throw error
  }
}
