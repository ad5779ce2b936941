/** Writes the question that goes out: dns-packet encodes it, the name's octets are ours. */
import { nameToWire, type Query } from '@portolan/core'
import { CHECKING_DISABLED, DNSSEC_OK, encode, RECURSION_DESIRED, type RecordType } from 'dns-packet'
import { joined } from './rdata.ts'

const HEADER_OCTETS = 12

export interface QueryOptions {
  /** 0–65535, from a CSPRNG and not in flight on the same socket (RFC 5452 §9.2). */
  readonly id: number
  /** The largest datagram that the sender takes (RFC 6891 §6.2.3); default 1232, which passes any path unfragmented. */
  readonly udpPayloadOctets?: number | undefined
}

/** A query of class IN with RD, EDNS and DO set, and CD unless `checkingDisabled` is false. */
export function writeQuery(query: Query, { id, udpPayloadOctets = 1232 }: QueryOptions): Uint8Array {
  const packet = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED | (query.checkingDisabled === false ? 0 : CHECKING_DISABLED),
    // dns-packet knows no SVCB, HTTPS or URI, but takes any number that is written so.
    questions: [{ type: `UNKNOWN_${query.type}` as RecordType, name: '.' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: udpPayloadOctets,
        flags: DNSSEC_OK,
        options: [],
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: true,
      },
    ],
  })
  // It would tear a label at its dots and write others as UTF-8, so the root's one octet makes room for the name's own.
  return joined([packet.subarray(0, HEADER_OCTETS), nameToWire(query.name), packet.subarray(HEADER_OCTETS + 1)])
}

/** Equal for equal questions: what a cache or a coalescing layer keeps them under. */
export function questionKey({ name, type, checkingDisabled }: Query): string {
  return `${type} ${checkingDisabled === false ? '' : 'cd '}${name}`
}
