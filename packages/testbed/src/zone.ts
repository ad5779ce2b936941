/** The handle by which a zone is edited while it is served: each edit takes effect with the next question, signed. */
import {
  displayName,
  InvalidOptionError,
  isAtOrBelow,
  type Name,
  parseName,
  type RecordType,
  ROOT,
} from '@portolan/core'
import { TestbedError } from './errors.ts'
import { SOA, TYPE } from './record-types.ts'
import type { ServedZone } from './served-zone.ts'
import type { ZoneData } from './zone-data.ts'

export interface RecordOptions {
  /** Of the whole RRset; default 60, min 0, max 2³¹ − 1 (RFC 2181 §8). */
  readonly ttlSeconds?: number | undefined
}

/**
 * A zone of the testbed. Owners are written as in a zone file: `@` is the apex, `frankfurt` stands below it; a name that
 * already ends in the zone's own is taken whole.
 */
export interface Zone {
  readonly apex: Name
  readonly signed: boolean
  /** The DS lines that a parent, or a trust anchor of an island, needs; none for an unsigned zone. */
  readonly ds: readonly string[]
  /**
   * Adds one record to the RRset of its owner and type; a record that is there already changes nothing.
   * @throws InvalidOptionError for an owner outside the zone or below a cut, a type that the signer makes, or a CNAME beside
   * other data (RFC 2181 §10.1); MalformedRecordError or InvalidNameError from the codec
   */
  add<T>(owner: string, type: RecordType<T>, value: T, options?: RecordOptions): void
  /** Puts these records in the place of the whole RRset. @throws as `add` */
  replace<T>(owner: string, type: RecordType<T>, values: readonly T[], options?: RecordOptions): void
  /**
   * Removes an RRset, or without a type all of the owner.
   * @throws TestbedError `testbed/no-such-records` where there is nothing to remove
   */
  remove(owner: string, type?: { readonly code: number }): void
  /** What the zone holds now; empty where there is nothing. */
  records<T>(owner: string, type: RecordType<T>): readonly T[]
}

const DEFAULT_TTL_SECONDS = 60
const MAX_TTL_SECONDS = 2 ** 31 - 1
/** Made by the signer; DNSKEY and SOA belong to the apex, one of each. */
const MADE_TYPES: ReadonlySet<number> = new Set([TYPE.RRSIG, TYPE.NSEC])

/** @param childOf whether another zone of the tree begins at a name */
export function zoneHandle(zone: ServedZone, ds: readonly string[], isOtherApex: (name: Name) => boolean): Zone {
  const { data } = zone
  const ownerOf = (text: string, type: number | undefined) => checkedOwner(data.apex, text, type, isOtherApex)
  function put(owner: Name, type: number, rdatas: readonly Uint8Array[], ttlSeconds: number): void {
    checkType(data, owner, type)
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL_SECONDS) {
      throw new InvalidOptionError('ttlSeconds', `${ttlSeconds} is not between 0 and ${MAX_TTL_SECONDS}`)
    }
    data.put({ owner, type, ttlSeconds, rdatas: withoutDuplicates(rdatas) })
    countEdit(data)
  }
  return {
    apex: data.apex,
    signed: zone.keys !== undefined,
    ds,
    add(owner, type, value, options) {
      const name = ownerOf(owner, type.code)
      const before = data.find(name, type.code)
      const ttlSeconds = options?.ttlSeconds ?? before?.ttlSeconds ?? DEFAULT_TTL_SECONDS
      put(name, type.code, [...(before?.rdatas ?? []), type.encode(value)], ttlSeconds)
    },
    replace(owner, type, values, options) {
      const name = ownerOf(owner, type.code)
      if (values.length === 0) throw new InvalidOptionError('values', 'an RRset has at least one record: use remove')
      const ttlSeconds = options?.ttlSeconds ?? data.find(name, type.code)?.ttlSeconds ?? DEFAULT_TTL_SECONDS
      put(
        name,
        type.code,
        values.map((value) => type.encode(value)),
        ttlSeconds,
      )
    },
    remove(owner, type) {
      const name = ownerOf(owner, type?.code)
      if (name === data.apex && type === undefined) throw new InvalidOptionError('type', 'the apex cannot be emptied')
      if (!data.remove(name, type?.code)) {
        throw new TestbedError('testbed/no-such-records', `${displayName(data.apex)} has no such records at ${name}`)
      }
      countEdit(data)
    },
    records: (owner, type) =>
      (zone.find(ownerOf(owner, type.code), type.code)?.rdatas ?? []).map((rdata) => type.decode(rdata)),
  }
}

/** A zone file's owner column (RFC 1035 §5.1), forgiving a name that was written out in full. */
function checkedOwner(apex: Name, text: string, type: number | undefined, isOtherApex: (name: Name) => boolean): Name {
  const absolute = text === '@' ? apex : parseName(text)
  const fits = apex === ROOT || isAtOrBelow(absolute, apex)
  if (!fits && text.endsWith('.')) throw new InvalidOptionError('owner', `${text} is not in the zone ${apex}`)
  const owner = fits ? absolute : parseName(`${absolute}${apex}`)
  for (let at = owner; at !== apex; at = parseName(at.slice(at.indexOf('.') + 1) || '.')) {
    if (isOtherApex(at) && !(at === owner && type === TYPE.DS)) {
      throw new InvalidOptionError('owner', `${owner} belongs to the zone ${at}`)
    }
  }
  return owner
}

function checkType(data: ZoneData, owner: Name, type: number): void {
  if (MADE_TYPES.has(type)) throw new InvalidOptionError('type', 'NSEC and RRSIG are made by the signer (see forge)')
  if (type === TYPE.NS && owner !== data.apex) {
    throw new InvalidOptionError('type', 'a delegation comes with a zone of its own: startTestbed({ zones })')
  }
  const others = data.at(owner).filter((rrset) => rrset.type !== type)
  const clashes = type === TYPE.CNAME ? others.length > 0 : others.some((rrset) => rrset.type === TYPE.CNAME)
  if (clashes) throw new InvalidOptionError('type', `${owner}: a CNAME stands alone (RFC 2181 §10.1)`)
}

/** Each edit is a new version of the zone (RFC 1982 says when a serial is newer). */
function countEdit(data: ZoneData): void {
  const soa = data.find(data.apex, TYPE.SOA)
  const [rdata] = soa?.rdatas ?? []
  if (soa === undefined || rdata === undefined) return
  const before = SOA.decode(rdata)
  data.put({ ...soa, rdatas: [SOA.encode({ ...before, serial: (before.serial + 1) >>> 0 })] })
}

/** RFC 2181 §5: an RRset is a set. */
function withoutDuplicates(rdatas: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(rdatas.map((rdata) => [rdata.join(), rdata])).values()]
}
