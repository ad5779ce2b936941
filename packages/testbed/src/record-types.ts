/** Codes of the types that a signed zone is made of, codecs of two that only a server writes, and rdata given as octets. */
import { type Name, nameFromWire, nameToWire, type RecordType, typeText } from '@portolan/core'

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  DNAME: 39,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  ANY: 255,
} as const

/** Rdata as it shall stand on the wire, for types without a codec here and for rdata that no codec would write. */
export function octets(code: number): RecordType<Uint8Array> {
  return { mnemonic: typeText(code), code, decode: (rdata) => rdata, encode: (rdata) => rdata }
}

/** A name server of a zone (RFC 1035 §3.3.11). */
export const NS: RecordType<Name> = {
  mnemonic: 'NS',
  code: TYPE.NS,
  decode: (rdata) => nameFromWire(rdata).name,
  encode: nameToWire,
}

export interface Soa {
  readonly primary: Name
  readonly mailbox: Name
  readonly serial: number
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
  /** How long an absence may be kept (RFC 2308 §4). */
  readonly negativeTtlSeconds: number
}

/** The start of a zone (RFC 1035 §3.3.13). */
export const SOA: RecordType<Soa> = {
  mnemonic: 'SOA',
  code: TYPE.SOA,
  decode(rdata) {
    const { name: primary, end } = nameFromWire(rdata)
    const { name: mailbox, end: numbers } = nameFromWire(rdata, end)
    const field = new DataView(rdata.buffer, rdata.byteOffset + numbers)
    const [serial, refreshSeconds, retrySeconds, expireSeconds, negativeTtlSeconds] = [0, 4, 8, 12, 16].map((at) =>
      field.getUint32(at),
    ) as [number, number, number, number, number]
    return { primary, mailbox, serial, refreshSeconds, retrySeconds, expireSeconds, negativeTtlSeconds }
  },
  encode(soa) {
    const names = [...nameToWire(soa.primary), ...nameToWire(soa.mailbox)]
    const rdata = new Uint8Array(names.length + 20)
    rdata.set(names)
    const field = new DataView(rdata.buffer, names.length)
    const numbers = [soa.serial, soa.refreshSeconds, soa.retrySeconds, soa.expireSeconds, soa.negativeTtlSeconds]
    numbers.forEach((number, index) => {
      field.setUint32(4 * index, number)
    })
    return rdata
  },
}
