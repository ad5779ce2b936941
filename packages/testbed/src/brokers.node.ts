/** Starts brokers for one testbed: gives them addresses, certificates and engines, and closes them all. */
import { type Name, parseName } from '@portolan/core'
import { type Broker, type BrokerOptions, brokerHandle } from './broker.node.ts'
import { type Authority, type Certificate, createAuthority, type TlsaChoice, tlsaRdata } from './certificates.node.ts'
import type { Engine } from './engine.node.ts'
import { Front } from './front.node.ts'
import { publishAddress, publishPosition, publishService, publishTlsa, type ZoneFinder } from './publication.ts'

export interface Brokers {
  start(options: BrokerOptions): Promise<Broker>
  /** Made when first asked for. */
  authority(): Promise<Authority>
  close(): Promise<void>
}

const DEFAULT_CLUSTER = 'testbed'
const DEFAULT_PRIORITY = 0
const DEFAULT_WEIGHT = 10
const LAST_ADDRESS = 254

export function makeBrokers(zones: ZoneFinder, now: () => number): Brokers {
  const fronts: Front[] = []
  const engines = new Map<string, Promise<Engine>>()
  let authority: Promise<Authority> | undefined
  let lastAddress = 1

  function theAuthority(): Promise<Authority> {
    authority ??= createAuthority('Portolan testbed', now)
    return authority
  }

  function engineOf(cluster: string): Promise<Engine> {
    // Loaded here, for those who want a resolver alone.
    const engine = engines.get(cluster) ?? import('./engine.node.ts').then(({ startEngine }) => startEngine())
    engines.set(cluster, engine)
    return engine
  }

  /** 127.0.0.0/8 is all loopback on Linux and Windows; macOS has 127.0.0.1 alone, where ports tell brokers apart. */
  async function listen(
    front: Front,
    { address, port = 0 }: BrokerOptions,
  ): Promise<{ address: string; port: number }> {
    if (address !== undefined) return { address, port: await front.listen(address, port) }
    lastAddress = lastAddress === LAST_ADDRESS ? 2 : lastAddress + 1
    const own = `127.0.0.${lastAddress}`
    try {
      return { address: own, port: await front.listen(own, port) }
    } catch {
      return { address: '127.0.0.1', port: await front.listen('127.0.0.1', port) }
    }
  }

  return {
    authority: theAuthority,
    async start(options) {
      const host = parseName(options.host)
      const domain = serviceDomain(options, zones, host)
      const names = domain === undefined ? [host] : [host, domain]
      const [engine, certificate] = await Promise.all([
        engineOf(options.cluster ?? DEFAULT_CLUSTER),
        options.certificate ?? theAuthority().then((issuer) => issuer.issue({ names })),
      ])
      const front = new Front(engine, certificate, options.tls ?? {})
      fronts.push(front)
      const { address, port } = await listen(front, options)
      const tlsa = (shown: Certificate, choice: TlsaChoice) => publishTlsa(zones, host, port, tlsaRdata(shown, choice))
      publishAddress(zones, host, address)
      if (options.position !== undefined) publishPosition(zones, host, options.position)
      if (options.tlsa !== false) tlsa(certificate, options.tlsa ?? '3 1 1')
      const { priority = DEFAULT_PRIORITY, weight = DEFAULT_WEIGHT } = options
      if (domain !== undefined) publishService(zones, domain, { host, port, priority, weight })
      const disconnect = (reason: Parameters<Engine['disconnect']>[1]) => engine.disconnect(front, reason)
      return brokerHandle({ front, host, address, port, certificate, disconnect, publishTlsa: tlsa })
    },
    async close() {
      await Promise.all(fronts.map((front) => front.shut()))
      for (const engine of await Promise.all(engines.values())) await engine.close()
    },
  }
}

function serviceDomain({ service }: BrokerOptions, zones: ZoneFinder, host: Name): Name | undefined {
  if (service === false) return undefined
  return service === undefined ? zones(host).apex : parseName(service)
}
