/** Builds the tree: makes every zone with its keys, cuts each from the zone above it, and says how to begin to trust it. */
import { A, InvalidOptionError, isAtOrBelow, labelsOf, type Name, parentOf, parseName, ROOT } from '@portolan/core'
import { DS } from '@portolan/dnssec/records'
import { type Algorithm, makeZoneKeys } from './keys.node.ts'
import type { ZoneTree } from './lookup.ts'
import { NS, SOA, TYPE } from './record-types.ts'
import { NEGATIVE_TTL_SECONDS, ServedZone, type SigningSchedule } from './served-zone.ts'
import { ZoneData } from './zone-data.ts'

export interface ZoneOptions {
  readonly name: string
  /** Default true. */
  readonly signed?: boolean | undefined
  /** Default: the testbed's. */
  readonly algorithm?: Algorithm | undefined
}

export interface Tree extends ZoneTree {
  readonly zones: ReadonlyMap<Name, ServedZone>
}

/** Always there; naming one of them again in the options changes how it is signed. */
const DEFAULT_ZONES: readonly ZoneOptions[] = [
  { name: '.' },
  { name: 'test.' },
  { name: 'fleet.test.' },
  { name: 'partner.test.' },
  { name: 'plain.test.', signed: false },
]
const NAME_SERVER = parseName('ns.test.')
const INFRASTRUCTURE_TTL_SECONDS = 3600

/** @throws InvalidNameError, InvalidOptionError for an algorithm that there is none of */
export async function makeTree(
  extra: readonly ZoneOptions[],
  algorithm: Algorithm,
  host: string,
  schedule: SigningSchedule,
): Promise<Tree> {
  const wanted = new Map([...DEFAULT_ZONES, ...extra].map((zone) => [parseName(zone.name), zone]))
  const made = await Promise.all(
    [...wanted].map(async ([apex, zone]): Promise<[Name, ServedZone]> => {
      const keys = zone.signed === false ? undefined : await makeZoneKeys(apex, checked(zone.algorithm ?? algorithm))
      return [apex, new ServedZone(new ZoneData(apex), keys, schedule)]
    }),
  )
  const zones = new Map(made)
  const tree = { zones, zoneOf: (name: Name, type: number) => deepestZone(zones, name, type) }
  for (const zone of zones.values()) fillApex(zone)
  for (const zone of zones.values()) delegate(zone, tree)
  tree.zoneOf(NAME_SERVER, TYPE.A).data.put(infrastructure(NAME_SERVER, TYPE.A, [A.encode(host)]))
  return tree
}

/** DS lines in zone file form, as trust anchor files have them. */
export function dsLines({ data, keys }: ServedZone): readonly string[] {
  return (keys?.ds ?? []).map((rdata) => {
    const { keyTag, algorithm, digestType, digest } = DS.decode(rdata)
    const hex = Buffer.from(digest).toString('hex').toUpperCase()
    return `${data.apex} ${INFRASTRUCTURE_TTL_SECONDS} IN DS ${keyTag} ${algorithm} ${digestType} ${hex}`
  })
}

function checked(algorithm: Algorithm): Algorithm {
  if ([8, 13, 15].includes(algorithm)) return algorithm
  throw new InvalidOptionError('algorithm', `${algorithm} is none of 8, 13, 15`)
}

function deepestZone(zones: ReadonlyMap<Name, ServedZone>, name: Name, type: number): ServedZone {
  const from = type === TYPE.DS && zones.has(name) ? (parentOf(name) ?? ROOT) : name
  const apex = [...zones.keys()]
    .filter((candidate) => isAtOrBelow(from, candidate))
    .reduce((deepest, candidate) => (labelsOf(candidate).length > labelsOf(deepest).length ? candidate : deepest), ROOT)
  return zones.get(apex) as ServedZone
}

function fillApex({ data, keys }: ServedZone): void {
  const soa = {
    primary: NAME_SERVER,
    mailbox: parseName('hostmaster.test.'),
    serial: 1,
    refreshSeconds: 3600,
    retrySeconds: 600,
    expireSeconds: 86_400,
    negativeTtlSeconds: NEGATIVE_TTL_SECONDS,
  }
  data.put({ owner: data.apex, type: TYPE.SOA, ttlSeconds: NEGATIVE_TTL_SECONDS, rdatas: [SOA.encode(soa)] })
  data.put(infrastructure(data.apex, TYPE.NS, [NS.encode(NAME_SERVER)]))
  if (keys === undefined) return
  data.put(infrastructure(data.apex, TYPE.DNSKEY, [keys.keySigning.dnskey, keys.zoneSigning.dnskey]))
}

/** An unsigned parent has no DS to give: a signed zone below it is an island of security. */
function delegate({ data, keys }: ServedZone, tree: Tree): void {
  if (data.apex === ROOT) return
  const parent = tree.zoneOf(data.apex, TYPE.DS)
  parent.data.put(infrastructure(data.apex, TYPE.NS, [NS.encode(NAME_SERVER)]))
  if (keys === undefined || parent.keys === undefined) return
  parent.data.put(infrastructure(data.apex, TYPE.DS, keys.ds))
}

function infrastructure(owner: Name, type: number, rdatas: readonly Uint8Array[]) {
  return { owner, type, ttlSeconds: INFRASTRUCTURE_TTL_SECONDS, rdatas }
}
