/** The octet-exact reader of DNS messages (RFC 1035 §4): every octet belongs to the header, a question or a record. */
import { type Name, type RawRecord, ROOT } from '@portolan/core'
import { type Edns, ednsOf, OPT } from './edns.ts'
import { MalformedMessageError } from './errors.ts'
import { type Pieces, whole } from './pieces.ts'
import { expandRdata } from './rdata.ts'
import { type OwnerName, ownerReader } from './wire-names.ts'

export const CLASS_IN = 1
const HEADER_OCTETS = 12
/** Read in one piece. */
const RECORDS_PER_PIECE = 64

export interface Question {
  /** Uncompressed, in the case that it had. */
  readonly ownerOctets: Uint8Array
  readonly name: Name
  readonly type: number
  readonly class: number
}

export interface MessageRecord extends RawRecord {
  readonly name: Name
  readonly class: number
}

export interface Flags {
  readonly qr: boolean
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  readonly ad: boolean
  readonly cd: boolean
}

export interface MessageHead {
  readonly id: number
  readonly opcode: number
  readonly flags: Flags
  /** In a whole message with the upper bits that EDNS brings (RFC 6891 §6.1.3). */
  readonly rcode: number
  readonly questions: readonly Question[]
}

export interface Message extends MessageHead {
  readonly answer: readonly MessageRecord[]
  readonly authority: readonly MessageRecord[]
  /** Without the OPT record, which `edns` tells of. */
  readonly additional: readonly MessageRecord[]
  readonly edns?: Edns | undefined
}

/**
 * Reads a whole message. Names in rdata are expanded where the type is known to have them, unknown types and other classes
 * than IN stay opaque; nothing is lowered but `name`.
 * @throws MalformedMessageError for anything else than one whole message, whatever the octets
 */
export function readMessage(octets: Uint8Array): Message {
  return whole(messagePieces(octets))
}

/** Reads as `readMessage` does, so many records at a time. */
export function* messagePieces(octets: Uint8Array): Pieces<Message> {
  const { head, counts, cursor } = readHeadAt(octets)
  // Counts are only upper bounds until the octets are there: each record takes at least 11.
  if (counts.reduce((sum, count) => sum + count, 0) * 11 > octets.length - cursor.at) {
    throw new MalformedMessageError('it has fewer octets than its counts ask for', cursor.at)
  }
  const answer = yield* readSection(cursor, counts[0])
  const authority = yield* readSection(cursor, counts[1])
  const additional = yield* readSection(cursor, counts[2])
  if (cursor.at !== octets.length) {
    throw new MalformedMessageError(`${octets.length - cursor.at} octets after the last record`, cursor.at)
  }
  const { id, opcode, flags, rcode, questions } = head
  const opts = additional.filter(({ type }) => type === OPT)
  const opt = opts[0]
  if (opt === undefined) return { id, opcode, flags, rcode, questions, answer, authority, additional }
  // RFC 6891 §6.1.1: at most one, owned by the root.
  if (opts.length > 1 || opt.name !== ROOT)
    throw new MalformedMessageError('a second or an owned OPT record', cursor.at)
  return {
    id,
    opcode,
    flags,
    rcode: ((opt.ttlBits >>> 24) << 4) | rcode,
    questions,
    answer,
    authority,
    additional: additional.filter((record) => record !== opt),
    edns: ednsOf(opt, cursor.at),
  }
}

/**
 * Reads header and questions only, of a message whose end may be missing (RFC 2181 §9: what TC cut off is of no use).
 * @throws MalformedMessageError
 */
export function readHead(octets: Uint8Array): MessageHead {
  return readHeadAt(octets).head
}

interface Cursor {
  readonly message: Uint8Array
  readonly field: DataView
  readonly ownerAt: (offset: number) => OwnerName
  at: number
}

interface ReadRecord extends MessageRecord {
  /** The TTL field as it stands, which in OPT is something else. */
  readonly ttlBits: number
}

function readHeadAt(octets: Uint8Array): { head: MessageHead; counts: readonly number[]; cursor: Cursor } {
  if (octets.length < HEADER_OCTETS) throw new MalformedMessageError('it has no whole header', octets.length)
  // One copy for all that is read of it: what records keep shall not change with the memory of a socket.
  const message = new Uint8Array(octets)
  const field = new DataView(message.buffer)
  const cursor: Cursor = { message, field, ownerAt: ownerReader(message), at: HEADER_OCTETS }
  const bits = field.getUint16(2)
  const questions: Question[] = []
  while (questions.length < field.getUint16(4)) questions.push(readQuestion(cursor))
  const head = { id: field.getUint16(0), opcode: (bits >> 11) & 15, flags: flagsOf(bits), rcode: bits & 15, questions }
  return { head, counts: [field.getUint16(6), field.getUint16(8), field.getUint16(10)], cursor }
}

function flagsOf(bits: number): Flags {
  const bit = (mask: number) => (bits & mask) !== 0
  return {
    qr: bit(0x8000),
    aa: bit(0x0400),
    tc: bit(0x0200),
    rd: bit(0x0100),
    ra: bit(0x0080),
    ad: bit(0x0020),
    cd: bit(0x0010),
  }
}

function readQuestion(cursor: Cursor): Question {
  const { name, octets: ownerOctets, end } = cursor.ownerAt(cursor.at)
  if (end + 4 > cursor.message.length) throw new MalformedMessageError('it ends inside a question', end)
  cursor.at = end + 4
  return { ownerOctets, name, type: cursor.field.getUint16(end), class: cursor.field.getUint16(end + 2) }
}

function* readSection(cursor: Cursor, count = 0): Pieces<readonly ReadRecord[]> {
  const records: ReadRecord[] = []
  while (records.length < count) {
    if (records.length > 0 && records.length % RECORDS_PER_PIECE === 0) yield
    records.push(readRecord(cursor))
  }
  return records
}

function readRecord(cursor: Cursor): ReadRecord {
  const { message, field } = cursor
  const { name, octets: ownerOctets, end: fixed } = cursor.ownerAt(cursor.at)
  const start = fixed + 10
  if (start > message.length) throw new MalformedMessageError('it ends inside a record', fixed)
  const end = start + field.getUint16(fixed + 8)
  if (end > message.length) throw new MalformedMessageError('RDLENGTH reaches past the end', fixed + 8)
  const type = field.getUint16(fixed)
  const recordClass = field.getUint16(fixed + 2)
  const ttlBits = field.getUint32(fixed + 4)
  cursor.at = end
  return {
    name,
    ownerOctets,
    type,
    class: recordClass,
    // RFC 2181 §8: a TTL with its highest bit set counts as zero.
    ttlSeconds: ttlBits > 0x7fff_ffff ? 0 : ttlBits,
    ttlBits,
    rdata: recordClass === CLASS_IN ? expandRdata(message, type, start, end) : message.subarray(start, end),
  }
}
