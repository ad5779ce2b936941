/** RRSIG: a signature over an RRset (RFC 4034 §3). */
import { MalformedRecordError, type Name, nameToWire, type RecordType } from '@portolan/core'
import { readName } from './read-name.ts'

export interface Rrsig {
  readonly typeCovered: number
  readonly algorithm: number
  /** Labels of the owner that was signed, without the root and a leading `*` (RFC 4034 §3.1.3). */
  readonly labels: number
  readonly originalTtlSeconds: number
  /** Seconds since 1970 modulo 2^32: a serial number (RFC 4034 §3.1.5, RFC 1982). */
  readonly expiration: number
  readonly inception: number
  readonly keyTag: number
  readonly signer: Name
  readonly signature: Uint8Array
}

/** Octets before the signer's name. */
const FIXED_OCTETS = 18

export const RRSIG: RecordType<Rrsig> = {
  mnemonic: 'RRSIG',
  code: 46,
  decode(rdata) {
    if (rdata.length <= FIXED_OCTETS) {
      throw new MalformedRecordError('RRSIG', `${rdata.length} octets, expected more than ${FIXED_OCTETS}`)
    }
    const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
    const signer = readName('RRSIG', rdata, FIXED_OCTETS)
    return {
      typeCovered: field.getUint16(0),
      algorithm: field.getUint8(2),
      labels: field.getUint8(3),
      originalTtlSeconds: field.getUint32(4),
      expiration: field.getUint32(8),
      inception: field.getUint32(12),
      keyTag: field.getUint16(16),
      signer: signer.name,
      signature: rdata.subarray(signer.end),
    }
  },
  encode(rrsig) {
    const signed = rrsigToBeSigned(rrsig)
    const rdata = new Uint8Array(signed.length + rrsig.signature.length)
    rdata.set(signed)
    rdata.set(rrsig.signature, signed.length)
    return rdata
  },
}

/** The rdata without its signature, in canonical form: what a signature covers first (RFC 4034 §3.1.8.1). */
export function rrsigToBeSigned(rrsig: Omit<Rrsig, 'signature'>): Uint8Array {
  const signer = nameToWire(rrsig.signer)
  const octets = new Uint8Array(FIXED_OCTETS + signer.length)
  const field = new DataView(octets.buffer)
  field.setUint16(0, rrsig.typeCovered)
  field.setUint8(2, rrsig.algorithm)
  field.setUint8(3, rrsig.labels)
  field.setUint32(4, rrsig.originalTtlSeconds)
  field.setUint32(8, rrsig.expiration)
  field.setUint32(12, rrsig.inception)
  field.setUint16(16, rrsig.keyTag)
  octets.set(signer, FIXED_OCTETS)
  return octets
}
