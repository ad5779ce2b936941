/**
 * Writes a reply as octets (RFC 1035 §4.1, RFC 6891 §6.1). Not by dns-packet: its names are strings, so that a label with a
 * dot or with octets beyond UTF-8 becomes another name, and it does not compress, so that no reader would meet a pointer.
 */
import { type Name, nameToWire, parentOf, ROOT } from '@portolan/core'

export interface WireRecord {
  readonly owner: Name
  readonly type: number
  readonly ttlSeconds: number
  /** Written as it is: names in it are never compressed (RFC 3597 §4 asks that of all but the oldest types). */
  readonly rdata: Uint8Array
}

export interface ReplyMessage {
  readonly id: number
  readonly opcode: number
  /** RD and CD come back as the query had them (RFC 1035 §4.1.1, RFC 4035 §3.1.6). */
  readonly recursionDesired: boolean
  readonly checkingDisabled: boolean
  readonly truncated: boolean
  readonly rcode: number
  readonly question?: WireQuestion | undefined
  readonly answer: readonly WireRecord[]
  readonly authority: readonly WireRecord[]
  /** Absent where the query had no OPT record (RFC 6891 §7). */
  readonly edns?: { readonly dnssecOk: boolean; readonly udpPayloadOctets: number } | undefined
}

export interface WireQuestion {
  readonly name: Name
  /** In the case in which it was asked (draft-vixie-dnsext-dns0x20 rests on that). */
  readonly ownerOctets: Uint8Array
  readonly type: number
  readonly class: number
}

const CLASS_IN = 1
const OPT = 41
const FARTHEST_POINTER = 0x3fff

export function writeReply(reply: ReplyMessage): Uint8Array {
  const octets: number[] = []
  const offsets = new Map<Name, number>()
  const { question, answer, authority, edns } = reply
  const flags = [0x8000, reply.opcode << 11, reply.truncated && 0x0200, reply.recursionDesired && 0x0100]
  const moreFlags = [0x0080, reply.checkingDisabled && 0x0010, reply.rcode & 15] // RA always, AD never: nobody validated
  const bits = [...flags, ...moreFlags].reduce<number>((sum, flag) => sum | Number(flag), 0)
  octets.push(...u16(reply.id), ...u16(bits), ...u16(question ? 1 : 0))
  octets.push(...u16(answer.length), ...u16(authority.length), ...u16(edns ? 1 : 0))
  if (question !== undefined) {
    remember(question.name, octets.length, offsets)
    octets.push(...question.ownerOctets, ...u16(question.type), ...u16(question.class))
  }
  for (const { owner, type, ttlSeconds, rdata } of [...answer, ...authority]) {
    writeName(owner, octets, offsets)
    octets.push(...u16(type), ...u16(CLASS_IN), ...u16(ttlSeconds >>> 16), ...u16(ttlSeconds & 0xffff))
    octets.push(...u16(rdata.length))
    for (const octet of rdata) octets.push(octet)
  }
  if (edns !== undefined) {
    octets.push(0, ...u16(OPT), ...u16(edns.udpPayloadOctets))
    octets.push(reply.rcode >> 4, 0, ...u16(edns.dnssecOk ? 0x8000 : 0), ...u16(0))
  }
  return Uint8Array.from(octets)
}

function u16(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff]
}

/** As far as the first suffix that stands in the message already, then a pointer to that (RFC 1035 §4.1.4). */
function writeName(name: Name, octets: number[], offsets: Map<Name, number>): void {
  const start = octets.length
  const wire = nameToWire(name)
  let at = 0
  for (let suffix: Name = name; suffix !== ROOT; suffix = parentOf(suffix) ?? ROOT) {
    const known = offsets.get(suffix)
    if (known !== undefined) {
      octets.push(...u16(0xc000 | known))
      return
    }
    if (start + at <= FARTHEST_POINTER) offsets.set(suffix, start + at)
    const end = at + 1 + (wire[at] as number)
    octets.push(...wire.subarray(at, end))
    at = end
  }
  octets.push(0)
}

function remember(name: Name, start: number, offsets: Map<Name, number>): void {
  const wire = nameToWire(name)
  let at = 0
  for (let suffix: Name = name; suffix !== ROOT; suffix = parentOf(suffix) ?? ROOT) {
    offsets.set(suffix, start + at)
    at += 1 + (wire[at] as number)
  }
}
