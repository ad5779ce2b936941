/** The default composition: who is asked, who judges the answers, and what remembers them. */
import type { Lookup } from '@portolan/core'

/** A DNS resolver by its address. */
export interface Server {
  readonly host: string
  /** Default 53. */
  readonly port?: number | undefined
}

export interface LookupOptions {
  /** In the order in which to ask them. Default: those that the system is configured with. */
  readonly servers?: readonly Server[] | undefined
  /** DS or DNSKEY records, one a line as in a zone file. Default: the two keys of the DNS root. */
  readonly trustAnchors?: readonly string[] | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

export function composeLookup(_options: LookupOptions = {}): Lookup {
  throw new Error('not composed yet')
}
