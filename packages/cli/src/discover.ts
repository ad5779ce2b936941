/** `discover`, composed with the defaults. */
import {
  type CallOptions,
  discover as discoverWith,
  type Lookup,
  type Plan,
  type ServiceType,
  type TraceEntry,
} from '@portolan/core'
import { type LocFact, type LocOptions, loc } from '@portolan/loc'
import { type TxtFact, txt } from '@portolan/txt'
import { composeLookup, type LookupOptions } from './compose.ts'

export interface DiscoverOptions extends CallOptions, LookupOptions {
  /** Where the client is; nearer brokers then stand first, and `facts.loc` is there. It never leaves the device. */
  readonly near?: LocOptions['near'] | undefined
  /** Default: MQTT over TLS, `_secure-mqtt._tcp`. */
  readonly service?: ServiceType | undefined
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
  const { near, lookup = composeLookup(options), signal, service, allowPlaintext, now, random, onTrace } = options
  const common = { lookup, signal, service, allowPlaintext, now, random, onTrace }
  return near === undefined
    ? await discoverWith(domain, { ...common, plugins: [txt()] })
    : await discoverWith(domain, { ...common, plugins: [loc({ near }), txt()] })
}
