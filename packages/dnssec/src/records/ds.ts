/** DS: a parent's word for a key of its child (RFC 4034 §5, RFC 4509, RFC 6605). */
import { MalformedRecordError, type Name, nameToWire, type RecordType } from '@portolan/core'
import { crypto } from '#crypto'
import type { Awaitable, DigestName } from '../platform.ts'
import { keyTag } from './dnskey.ts'

export interface Ds {
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Uint8Array
}

export const DS: RecordType<Ds> = {
  mnemonic: 'DS',
  code: 43,
  decode(rdata) {
    // Without a digest it matches no key: that is for whoever compares to find (RFC 4035 §5.2).
    if (rdata.length < 4) throw new MalformedRecordError('DS', `${rdata.length} octets, expected at least 4`)
    const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
    return {
      keyTag: field.getUint16(0),
      algorithm: field.getUint8(2),
      digestType: field.getUint8(3),
      digest: rdata.slice(4),
    }
  },
  encode({ keyTag, algorithm, digestType, digest }) {
    return Uint8Array.from([keyTag >> 8, keyTag & 0xff, algorithm, digestType, ...digest])
  },
}

/** IANA's digest types that this package computes: SHA-1, SHA-256, SHA-384. */
export const DIGESTS: ReadonlyMap<number, DigestName> = new Map([
  [1, 'SHA-1'],
  [2, 'SHA-256'],
  [4, 'SHA-384'],
])

/** The digest over owner and DNSKEY rdata (RFC 4034 §5.1.4); `undefined` for a digest type that is not ours. */
export function dsDigest(owner: Name, dnskeyRdata: Uint8Array, digestType: number): Awaitable<Uint8Array> | undefined {
  const hash = DIGESTS.get(digestType)
  if (hash === undefined) return undefined
  const name = nameToWire(owner)
  const data = new Uint8Array(name.length + dnskeyRdata.length)
  data.set(name)
  data.set(dnskeyRdata, name.length)
  return crypto.digest(hash, data)
}

/** The DS that a parent would publish for this key; `undefined` for a digest type that is not ours. */
export async function dsOf(owner: Name, dnskeyRdata: Uint8Array, digestType: number): Promise<Ds | undefined> {
  const digest = await dsDigest(owner, dnskeyRdata, digestType)
  if (digest === undefined) return undefined
  return { keyTag: keyTag(dnskeyRdata), algorithm: dnskeyRdata[3] ?? 0, digestType, digest }
}
