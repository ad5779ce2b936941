/** What a caller can set. */
import type { SecureContextOptions } from 'node:tls'
import type { DiscoverOptions, Lookup, Plugin } from '@portolan/core'
import type { IClientOptions } from 'mqtt'
import type { Clock } from './clock.ts'
import type { Discover } from './discovery.ts'
import type { ConnectEvent } from './events.ts'
import type { Limits } from './limits.ts'
import type { Replaced } from './replaced.ts'

/**
 * mqtt.js's own options: will, user name, password, keepalive, client id, clean, properties, version and all others, but
 * those that choose a server. Here `connectTimeout` is the default of `connackTimeoutMs`, `reconnectPeriod` that of
 * `backoffBaseMs` (0: a lost connection stays lost), and `ca`, `cert`, `key` those of `tls`.
 */
export interface MqttOptions extends Omit<IClientOptions, Replaced> {
  readonly rejectUnauthorized?: true
  readonly reconnectOnConnackError?: true
  readonly manualConnect?: false
}

export interface TlsOptions
  extends Pick<
    SecureContextOptions,
    'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'crl' | 'ciphers' | 'sigalgs' | 'maxVersion'
  > {
  /**
   * Default: TLSv1.2; with a client certificate TLSv1.3, because TLS 1.2 shows that certificate to the server before the
   * server was judged.
   */
  readonly minVersion?: SecureContextOptions['minVersion']
  /** Default: `['mqtt']`. An empty list leaves ALPN out. */
  readonly alpnProtocols?: readonly string[] | undefined
}

type SomeLimits = { readonly [Name in keyof Limits]?: Limits[Name] | undefined }

export interface ConnectionOptions extends SomeLimits {
  readonly mqtt?: MqttOptions | undefined
  readonly tls?: TlsOptions | undefined
  /** Ends everything at once, without DISCONNECT, before and after the connection is up. */
  readonly signal?: AbortSignal | undefined
  /** Told of each decision as it is taken. */
  readonly onEvent?: ((event: ConnectEvent) => void) | undefined
  /** Replaced by tests. Default: the system's time, timers and Math.random. */
  readonly clock?: Clock | undefined
}

/** For a discovery of the caller's own making. */
export interface ConnectThroughOptions extends ConnectionOptions {
  /** For messages. */
  readonly domain: string
  readonly discover: Discover
  /** Those whose `checkPeer` judges. Default: none. */
  readonly plugins?: readonly Plugin[] | undefined
  /** For a plugin that asks past the caches before its refusal stands. Default: refusals stand at once. */
  readonly lookup?: Lookup | undefined
}

/** Discovery's options and the connection's. */
export type ConnectOptions<P extends readonly Plugin[]> = DiscoverOptions<P> & ConnectionOptions
