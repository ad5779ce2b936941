/** A ready scene: three brokers on three continents behind one service name, with everything that discovery can use. */
import { type Name, parseName, SRV } from '@portolan/core'
import type { Broker } from './broker.node.ts'
import { type Position, serviceOwner } from './publication.ts'
import type { Testbed } from './testbed.node.ts'

export interface FleetOptions {
  /** The signed service domain, one of the testbed's zones; default `fleet.test.` */
  readonly domain?: string | undefined
  /** An unsigned domain that offers the same brokers, to show what a client withholds there; default `plain.test.` */
  readonly unsignedDomain?: string | undefined
  /** SASL mechanisms that both domains hint at, the preferred one first; default SCRAM-SHA-256, EXTERNAL. */
  readonly mechanisms?: readonly string[] | undefined
}

export interface Fleet {
  readonly domain: Name
  readonly unsignedDomain: Name
  readonly frankfurt: Broker
  readonly ashburn: Broker
  readonly singapore: Broker
  /** In this order: Frankfurt, Ashburn, Singapore. */
  readonly brokers: readonly Broker[]
}

interface Site {
  readonly label: string
  readonly weight: number
  readonly position: Position
}

/** Weights as capacity: of a thousand draws without a position 600, 300 and 100 begin with these. */
const FRANKFURT: Site = { label: 'frankfurt', weight: 60, position: { latitude: 50.1109, longitude: 8.6821 } }
const ASHBURN: Site = { label: 'ashburn', weight: 30, position: { latitude: 39.0438, longitude: -77.4874 } }
const SINGAPORE: Site = { label: 'singapore', weight: 10, position: { latitude: 1.3521, longitude: 103.8198 } }

/**
 * Starts the brokers and publishes SRV (one priority), A, LOC, TLSA `3 1 1` and the TXT hint.
 * @throws as `Testbed.broker`; MalformedRecordError for a name that is no SASL mechanism's
 */
export async function startFleet(testbed: Testbed, options: FleetOptions = {}): Promise<Fleet> {
  const domain = parseName(options.domain ?? 'fleet.test.')
  const unsignedDomain = parseName(options.unsignedDomain ?? 'plain.test.')
  const start = ({ label, weight, position }: Site) =>
    testbed.broker({ host: `${label}.${domain}`, service: domain, weight, position })
  // One after the other, so that their addresses are in the order of their names here.
  const frankfurt = await start(FRANKFURT)
  const ashburn = await start(ASHBURN)
  const singapore = await start(SINGAPORE)
  // Here, because the hint's reader takes longer to load than the rest of the testbed.
  const { hintRecord, TXT } = await import('@portolan/txt')
  const hint = hintRecord(options.mechanisms ?? ['SCRAM-SHA-256', 'EXTERNAL'])
  const [signed, unsigned] = [testbed.zone(domain), testbed.zone(unsignedDomain)]
  unsigned.replace(serviceOwner(unsignedDomain), SRV, signed.records(serviceOwner(domain), SRV))
  for (const zone of [signed, unsigned]) zone.replace(serviceOwner(zone.apex), TXT, [hint])
  return { domain, unsignedDomain, frankfurt, ashburn, singapore, brokers: [frankfurt, ashburn, singapore] }
}
