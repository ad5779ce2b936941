/** For tests: zones signed here and now, and an exchange that answers from what the test puts into it. */
import { generateKeyPairSync, type KeyObject, sign as nodeSign } from 'node:crypto'
import {
  CNAME,
  type Exchange,
  type Name,
  nameToWire,
  parseName,
  type Query,
  type RawRecord,
  type Reply,
  type Rrset,
} from '@portolan/core'
import type { ValidatorOptions } from './options.ts'
import { signedData, signedLabelCount } from './records/canonical.ts'
import { DNSKEY, type Dnskey, keyTag } from './records/dnskey.ts'
import { DS, dsOf } from './records/ds.ts'
import { NSEC } from './records/nsec.ts'
import { base32hex, NSEC3, nsec3Hash } from './records/nsec3.ts'
import { RRSIG, type Rrsig } from './records/rrsig.ts'

export const NOW_MS: number = Date.parse('2026-06-01T00:00:00Z')
export const NOW: number = NOW_MS / 1000
const DAY = 86_400

export const A = 1
export const NS = 2
export const SOA = 6
export const TXT = 16

export function rrset(owner: string, type: number, ...rdatas: readonly Uint8Array[]): Rrset {
  const name = parseName(owner)
  const records = rdatas.map((rdata) => ({ ownerOctets: nameToWire(name), type, ttlSeconds: 3600, rdata }))
  return { owner: name, type, records, signatures: [] }
}

export const address = (last: number): Uint8Array => Uint8Array.from([192, 0, 2, last])
export const alias = (target: string): Uint8Array => CNAME.encode(parseName(target))
export const soa = (zone: string): Rrset =>
  rrset(zone, SOA, Uint8Array.from([...alias(zone), ...alias(zone), ...new Uint8Array(20).fill(1)]))

export const nsec = (owner: string, nextName: string, ...types: readonly number[]): Rrset =>
  rrset(owner, NSEC.code, NSEC.encode({ nextName: parseName(nextName), types: new Set([46, 47, ...types]) }))

export interface Nsec3Options {
  readonly flags?: number
  readonly iterations?: number
  readonly zone: string
  readonly types?: readonly number[]
  /** Where the record begins and ends, in hashes: default one before and one after, so that it covers just the name. */
  readonly match?: boolean
}

/** An NSEC3 that covers exactly the hash of `name`, or matches it. */
export async function nsec3(name: string, options: Nsec3Options): Promise<Rrset> {
  const { flags = 0, iterations = 0, zone, types = [], match = false } = options
  const parameters = { hashAlgorithm: 1, iterations, salt: new Uint8Array() }
  const hash = await nsec3Hash(parseName(name), parameters)
  if (hash === undefined) throw new Error('no hash')
  const owner = match ? hash : moved(hash, -1)
  const nextHashedOwner = moved(hash, 1)
  const rdata = NSEC3.encode({ ...parameters, flags, nextHashedOwner, types: new Set(types) })
  return rrset(`${base32hex(owner)}.${zone}`, NSEC3.code, rdata)
}

/** The hash one before or after, with carry. */
function moved(hash: Uint8Array, by: 1 | -1): Uint8Array {
  const hex = Array.from(hash, (octet) => octet.toString(16).padStart(2, '0')).join('')
  const text = (BigInt(`0x${hex}`) + BigInt(by)).toString(16).padStart(40, '0')
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export interface Zone {
  readonly name: Name
  readonly dnskeyRdata: Uint8Array
  readonly tag: number
  /** Signs with the zone's key; `fields` forges some of the RRSIG's, `signer` and `labels` among them. */
  sign(rrset: Rrset, fields?: Partial<Rrsig> & { readonly signedAs?: string }): Rrset
  /** Its DNSKEY RRset, signed by itself. */
  readonly dnskeys: Rrset
  /** Its DS RRset, unsigned: the parent signs it. */
  ds(digestType?: number): Promise<Rrset>
  anchor(): Promise<string>
}

export function zone(text: string, fields: Partial<Dnskey> = {}, others: readonly Uint8Array[] = []): Zone {
  const name = parseName(text)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const dnskey = { flags: 257, protocol: 3, algorithm: 15, publicKey: new Uint8Array(x), ...fields }
  const dnskeyRdata = DNSKEY.encode(dnskey)
  const tag = keyTag(dnskeyRdata)
  const sign: Zone['sign'] = (set, { signedAs, ...forged } = {}) =>
    signed(set, signedAs, { name, tag, privateKey }, forged)
  return {
    name,
    dnskeyRdata,
    tag,
    sign,
    dnskeys: sign(rrset(text, DNSKEY.code, dnskeyRdata, ...others)),
    async ds(digestType = 2) {
      const ds = await dsOf(name, dnskeyRdata, digestType)
      if (ds === undefined) throw new Error('no digest')
      return rrset(text, DS.code, DS.encode(ds))
    },
    async anchor() {
      const ds = await dsOf(name, dnskeyRdata, 2)
      return `${text} IN DS ${tag} 15 2 ${Buffer.from(ds?.digest ?? []).toString('hex')}`
    },
  }
}

function signed(
  set: Rrset,
  signedAs: string | undefined,
  { name, tag, privateKey }: { readonly name: Name; readonly tag: number; readonly privateKey: KeyObject },
  forged: Partial<Rrsig>,
): Rrset {
  const owner = signedAs === undefined ? set.owner : parseName(signedAs)
  const fields = {
    typeCovered: set.type,
    algorithm: 15,
    labels: signedLabelCount(owner),
    originalTtlSeconds: 3600,
    inception: NOW - DAY,
    expiration: NOW + DAY,
    keyTag: tag,
    signer: name,
    ...forged,
  }
  const signature = nodeSign(null, signedData(fields, owner, set.records), privateKey)
  const record: RawRecord = {
    ownerOctets: nameToWire(set.owner),
    type: RRSIG.code,
    ttlSeconds: 3600,
    rdata: RRSIG.encode({ ...fields, signature: new Uint8Array(signature) }),
  }
  return { ...set, signatures: [...set.signatures, record] }
}

/** A key that verifies nothing and has this tag (RFC 4034 appendix B), as KeyTrap needs it. */
export function collidingKey(tag: number, seed: number): Uint8Array {
  const publicKey = new Uint8Array(32).fill(seed)
  for (let word = 0; word < 65_536; word++) {
    publicKey.set([word >> 8, word & 0xff], 30)
    const rdata = DNSKEY.encode({ flags: 257, protocol: 3, algorithm: 15, publicKey })
    if (keyTag(rdata) === tag) return rdata
  }
  throw new Error('no such key')
}

export interface Answering {
  readonly rcode?: number
  readonly answer?: readonly Rrset[]
  readonly authority?: readonly Rrset[]
}

export interface World {
  readonly exchange: Exchange
  /** `name type`, with ` CD=0` where checking was left on. */
  readonly asked: string[]
  put(name: string, type: number, answering: Answering): void
  /** For questions with checking left on, where that differs. */
  putChecked(name: string, type: number, answering: Answering): void
  options: ValidatorOptions
}

/** What was not put in is answered SERVFAIL. */
export function world(trustAnchors: readonly string[]): World {
  const answers = new Map<string, Answering>()
  const asked: string[] = []
  return {
    asked,
    options: { trustAnchors, now: () => NOW_MS, monotonicNow: () => 0 },
    put: (name, type, answering) => void answers.set(`${parseName(name)} ${type}`, answering),
    putChecked: (name, type, answering) => void answers.set(`${parseName(name)} ${type} CD=0`, answering),
    async exchange(query) {
      const key = `${query.name} ${query.type}`
      const checked = query.checkingDisabled === false ? `${key} CD=0` : key
      asked.push(checked)
      return replyOf(query, answers.get(checked) ?? answers.get(key) ?? { rcode: 2 })
    },
  }
}

function replyOf(query: Query, { rcode = 0, answer = [], authority = [] }: Answering): Reply {
  return { query, rcode, truncated: false, authenticData: false, server: 'test', answer, authority, extendedErrors: [] }
}

/** A zone `example.` under its own anchor, its keys in the world. */
export async function island(): Promise<{ readonly zone: Zone; readonly world: World }> {
  const example = zone('example.')
  const around = world([await example.anchor()])
  around.put('example.', DNSKEY.code, { answer: [example.dnskeys] })
  return { zone: example, world: around }
}
