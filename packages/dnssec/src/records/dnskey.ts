/** DNSKEY: a key of a zone (RFC 4034 §2), and its key tag (RFC 4034 appendix B). */
import { MalformedRecordError, type RecordType } from '@portolan/core'

export interface Dnskey {
  readonly flags: number
  /** 3, or the key must not be used (RFC 4034 §2.1.2). */
  readonly protocol: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
}

/** Bit 7: a key of the zone itself, the only kind that may sign (RFC 4034 §2.1.1). */
export const ZONE_FLAG = 0x0100
/** Bit 8: withdrawn by its owner (RFC 5011 §2.1). */
export const REVOKE_FLAG = 0x0080
/** Bit 15: secure entry point, a hint that no validator needs (RFC 4034 §2.1.1). */
export const SEP_FLAG = 0x0001

export const DNSKEY: RecordType<Dnskey> = {
  mnemonic: 'DNSKEY',
  code: 48,
  decode(rdata) {
    if (rdata.length < 5) throw new MalformedRecordError('DNSKEY', `${rdata.length} octets, expected at least 5`)
    const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
    return {
      flags: field.getUint16(0),
      protocol: field.getUint8(2),
      algorithm: field.getUint8(3),
      publicKey: rdata.slice(4),
    }
  },
  encode({ flags, protocol, algorithm, publicKey }) {
    return Uint8Array.from([flags >> 8, flags & 0xff, protocol, algorithm, ...publicKey])
  },
}

const RSAMD5 = 1

/** The 16-bit sum by which DS and RRSIG name a key; several keys may share one (RFC 4034 appendix B). */
export function keyTag(dnskeyRdata: Uint8Array): number {
  if (dnskeyRdata[3] === RSAMD5) {
    // Appendix B.1: part of the modulus, which ends the rdata.
    return ((dnskeyRdata.at(-3) ?? 0) << 8) | (dnskeyRdata.at(-2) ?? 0)
  }
  let sum = 0
  for (let i = 0; i < dnskeyRdata.length; i++) {
    const octet = dnskeyRdata[i] as number
    sum += i % 2 === 0 ? octet << 8 : octet
  }
  return (sum + ((sum >> 16) & 0xffff)) & 0xffff
}
