/** NSEC3 and NSEC3PARAM: hashed denial and its parameters (RFC 5155 §3–5). */
import { MalformedRecordError, type Name, nameToWire, type RecordType } from '@portolan/core'
import { crypto } from '#crypto'
import type { Awaitable } from '../platform.ts'
import { decodeTypeBitmap, encodeTypeBitmap } from './type-bitmap.ts'

/** What two NSEC3 records must share to belong to one chain (RFC 5155 §8.2). */
export interface Nsec3Parameters {
  /** 1 = SHA-1, the only one there is (RFC 5155 §11). */
  readonly hashAlgorithm: number
  readonly iterations: number
  readonly salt: Uint8Array
}

export interface Nsec3 extends Nsec3Parameters {
  readonly flags: number
  /** Raw octets, without the zone's name. */
  readonly nextHashedOwner: Uint8Array
  readonly types: ReadonlySet<number>
}

export interface Nsec3param extends Nsec3Parameters {
  readonly flags: number
}

export const NSEC3_SHA1 = 1
/** The record may leave out unsigned delegations between its name and the next (RFC 5155 §3.1.2.1). */
export const OPT_OUT_FLAG = 0x01

export const NSEC3: RecordType<Nsec3> = {
  mnemonic: 'NSEC3',
  code: 50,
  decode(rdata) {
    const { parameters, end } = readParameters('NSEC3', rdata)
    const hashOctets = rdata[end] ?? 0
    const bitmap = end + 1 + hashOctets
    if (hashOctets === 0 || bitmap > rdata.length) {
      throw new MalformedRecordError('NSEC3', `a next hashed owner of ${hashOctets} octets does not fit`)
    }
    return {
      ...parameters,
      nextHashedOwner: rdata.slice(end + 1, bitmap),
      types: decodeTypeBitmap('NSEC3', rdata, bitmap),
    }
  },
  encode(value) {
    const { nextHashedOwner, types } = value
    return Uint8Array.from([
      ...encodeParameters(value),
      nextHashedOwner.length,
      ...nextHashedOwner,
      ...encodeTypeBitmap(types),
    ])
  },
}

export const NSEC3PARAM: RecordType<Nsec3param> = {
  mnemonic: 'NSEC3PARAM',
  code: 51,
  decode(rdata) {
    const { parameters, end } = readParameters('NSEC3PARAM', rdata)
    if (end !== rdata.length)
      throw new MalformedRecordError('NSEC3PARAM', `${rdata.length - end} octets after the salt`)
    return parameters
  },
  encode: encodeParameters,
}

function readParameters(mnemonic: string, rdata: Uint8Array): { parameters: Nsec3param; end: number } {
  const saltOctets = rdata[4]
  if (saltOctets === undefined || rdata.length < 5 + saltOctets) {
    throw new MalformedRecordError(mnemonic, `${rdata.length} octets do not hold its parameters`)
  }
  const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
  return {
    parameters: {
      hashAlgorithm: field.getUint8(0),
      flags: field.getUint8(1),
      iterations: field.getUint16(2),
      salt: rdata.slice(5, 5 + saltOctets),
    },
    end: 5 + saltOctets,
  }
}

function encodeParameters({ hashAlgorithm, flags, iterations, salt }: Nsec3param): Uint8Array {
  return Uint8Array.from([hashAlgorithm, flags, iterations >> 8, iterations & 0xff, salt.length, ...salt])
}

/**
 * The hash of a name (RFC 5155 §5): twenty octets. Synchronous where the platform's SHA-1 is, as in Node.
 * `undefined` for a hash algorithm that does not exist.
 */
export function nsec3Hash(name: Name, parameters: Nsec3Parameters): Awaitable<Uint8Array> | undefined {
  if (parameters.hashAlgorithm !== NSEC3_SHA1) return undefined
  return crypto.iteratedSha1(nameToWire(name), parameters.salt, parameters.iterations)
}

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv'

/** The leftmost label of an NSEC3 owner: base32hex without padding, lowered (RFC 5155 §3.3, RFC 4648 §7). */
export function base32hex(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const octet of octets) {
    held = (held << 8) | octet
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32HEX[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + BASE32HEX[(held << (5 - bits)) & 31]
}
