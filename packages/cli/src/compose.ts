/** The default composition: who is asked, who judges the answers, and what remembers them. */
import type { Lookup } from '@portolan/core'
import { cached, coalesced, failover, queued, resolver, type ServerAddress, truncationFallback } from '@portolan/dns'
import { systemServers, tcp, udp } from '@portolan/dns/node'
import { validated } from '@portolan/dnssec'

export interface LookupOptions {
  /** In the order in which to ask them. Default: those that the system is configured with. */
  readonly servers?: readonly ServerAddress[] | undefined
  /** DS or DNSKEY records, one a line as in a zone file. Default: the two keys of the DNS root. */
  readonly trustAnchors?: readonly string[] | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Keeps sockets open and answers for later, until it is closed. */
export type ClosableLookup = Lookup & { close(): void }

/**
 * Asks each server over UDP, and TCP where that is not enough; the next server where one fails; equal questions once. Every
 * answer is proved from the trust anchors, and kept as long as its proof holds.
 * @throws InvalidOptionError
 */
export function composeLookup({ servers = systemServers(), trustAnchors, now }: LookupOptions = {}): ClosableLookup {
  const transports = servers.map((server) => [udp({ server }), tcp({ server })] as const)
  const asked = failover(transports.map(([datagram, stream]) => truncationFallback(datagram, stream)))
  const lookup = resolver(cached(validated(coalesced(queued(asked)), { trustAnchors, now }), { now }), { now })
  const close = () => {
    for (const transport of transports.flat()) transport.close()
  }
  return Object.assign(lookup, { close })
}
