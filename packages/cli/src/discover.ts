/** `discover`, composed with the defaults. */
import {
  type CallOptions,
  discover as discoverWith,
  type Lookup,
  type Plan,
  type ServiceType,
  type TraceEntry,
} from '@portolan/core'
import type { DaneFact, DaneMode } from '@portolan/dane'
import type { LocFact, LocOptions } from '@portolan/loc'
import type { TxtFact } from '@portolan/txt'
import { composeLookup, type LookupOptions } from './compose.ts'
import { pluginsFor } from './plugins.ts'

export interface DiscoverOptions extends CallOptions, LookupOptions {
  /** Where the client is; nearer brokers then stand first, and `facts.loc` is there. It never leaves the device. */
  readonly near?: LocOptions['near'] | undefined
  /** Default: MQTT over TLS, `_secure-mqtt._tcp`. */
  readonly service?: ServiceType | undefined
  /**
   * What TLSA records decide. Default `opportunistic`: the certificate that they prove where there are some, PKIX where there
   * provably are none; brokers about whose TLSA nobody can tell are struck out. `required` strikes out those without, too.
   */
  readonly dane?: DaneMode | undefined
  /** Add brokers without TLS, after all others. Default false. */
  readonly allowPlaintext?: boolean | undefined
  /** In the place of the composed one, which keeps nothing from call to call; see `composeLookup`. */
  readonly lookup?: Lookup | undefined
  /** Uniform in [0, 1), for the draw by weight. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Told of each decision as it is taken. */
  readonly onTrace?: ((entry: TraceEntry) => void) | undefined
}

/** What the plugins learnt of a broker. */
export interface BrokerFacts {
  readonly dane: DaneFact
  readonly txt: TxtFact
  /** Where `near` was given. */
  readonly loc?: LocFact | undefined
}

export type Discover = (domain: string, options?: DiscoverOptions) => Promise<Plan<BrokerFacts>>

/**
 * Finds the brokers of a domain: asked of the system's resolvers, proved from the keys of the DNS root, in the order in
 * which to try them.
 * @param domain such as `fleet.example`; Unicode is understood
 * @throws DiscoveryError, InvalidNameError, InvalidOptionError, or the signal's reason
 */
export const discover: Discover = async (domain, options = {}) => {
  if (options.lookup !== undefined) return discoverThrough(options.lookup, domain, options)
  const lookup = composeLookup(options)
  try {
    return await discoverThrough(lookup, domain, options)
  } finally {
    lookup.close()
  }
}

function discoverThrough(lookup: Lookup, domain: string, options: DiscoverOptions): Promise<Plan<BrokerFacts>> {
  const { near, signal, service, allowPlaintext, now, random, onTrace } = options
  const plugins = pluginsFor(options.dane ?? 'opportunistic', near, now)
  return discoverWith(domain, { lookup, plugins, signal, service, allowPlaintext, now, random, onTrace })
}
