/** One query in, one reply out: reads the question, looks it up, signs, applies the faults in force, writes. */
import { isPortolanError, typeText } from '@portolan/core'
import { type Message, type Question, readMessage } from '@portolan/dns'
import type { AskedQuestion, Faults } from './faults.ts'
import { type Finding, lookUp, type ShownRrset, type ZoneTree } from './lookup.ts'
import { type ReplyMessage, type WireRecord, writeReply } from './message-writer.ts'
import { TYPE } from './record-types.ts'

export interface Responder {
  readonly tree: ZoneTree
  readonly faults: Faults
  asked(question: AskedQuestion): void
}

const CLASS_IN = 1
const QUERY_OPCODE = 0
const RCODE = { NOERROR: 0, FORMERR: 1, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const
/** Without EDNS (RFC 1035 §4.2.1), and the least that EDNS may say (RFC 6891 §6.2.3). */
const MIN_DATAGRAM_OCTETS = 512
/** What this server sends and takes at most (RFC 4035 §3.1 asks for 4,000). */
const MAX_DATAGRAM_OCTETS = 4096
/** What the length before a message on a stream can say (RFC 1035 §4.2.2). */
const MAX_STREAM_OCTETS = 65_535

/** @returns `undefined` where nothing is to be sent: a fault says so, or the octets are no query */
export function respond(octets: Uint8Array, transport: 'udp' | 'tcp', responder: Responder): Uint8Array | undefined {
  const query = readQuery(octets)
  if (query === 'unreadable') return formatError(octets)
  if (query === undefined) return undefined
  const [question] = query.questions
  if (question === undefined) return writeReply(replyTo(query, undefined, RCODE.FORMERR))
  const asked = {
    name: question.name,
    type: typeText(question.type),
    transport,
    dnssecOk: query.edns?.do ?? false,
    checkingDisabled: query.flags.cd,
  }
  responder.asked(asked)
  const fault = responder.faults.replyTo(question.name, question.type)
  if (fault === 'none') return undefined
  const reply = replyTo(query, question, fault ?? refusalOf(query, question))
  const whole = reply.rcode === RCODE.NOERROR ? answered(reply, question, asked.dnssecOk, responder) : reply
  const written = fitted(whole, query, transport)
  return responder.faults.tampered(written, question.name, question.type, asked)
}

function readQuery(octets: Uint8Array): Message | 'unreadable' | undefined {
  try {
    const message = readMessage(octets)
    return message.flags.qr ? undefined : message
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return 'unreadable'
  }
}

/** RFC 1035 §4.1.1: only the id of such a message can be relied on. */
function formatError(octets: Uint8Array): Uint8Array | undefined {
  const [high = 0, low = 0, flags = 0x80] = octets
  if (octets.length < 12 || (flags & 0x80) !== 0) return undefined
  return writeReply({ ...EMPTY, id: (high << 8) | low, rcode: RCODE.FORMERR })
}

const EMPTY: Omit<ReplyMessage, 'id' | 'rcode'> = {
  opcode: QUERY_OPCODE,
  recursionDesired: false,
  checkingDisabled: false,
  truncated: false,
  answer: [],
  authority: [],
}

function refusalOf({ opcode, questions, edns }: Message, question: Question): number {
  if (opcode !== QUERY_OPCODE) return RCODE.NOTIMP
  if (questions.length > 1) return RCODE.FORMERR // RFC 9619
  if (edns !== undefined && edns.version > 0) return RCODE.BADVERS
  return question.class === CLASS_IN ? RCODE.NOERROR : RCODE.REFUSED
}

function replyTo({ id, opcode, flags, edns }: Message, question: Question | undefined, rcode: number): ReplyMessage {
  return {
    ...EMPTY,
    id,
    opcode,
    recursionDesired: flags.rd,
    checkingDisabled: flags.cd,
    rcode,
    question,
    edns: edns === undefined ? undefined : { dnssecOk: edns.do, udpPayloadOctets: MAX_DATAGRAM_OCTETS },
  }
}

function answered(reply: ReplyMessage, question: Question, dnssecOk: boolean, responder: Responder): ReplyMessage {
  const { rcode, answer, authority }: Finding = lookUp(responder.tree, question.name, question.type)
  const records = (rrset: ShownRrset) => recordsOf(rrset, dnssecOk, responder.faults)
  return {
    ...reply,
    rcode,
    answer: answer.flatMap(records),
    // RFC 4035 §3.1: proofs only for those who asked with DO; an explicit question for NSEC is answered above.
    authority: authority.filter(({ stored }) => dnssecOk || stored.type !== TYPE.NSEC).flatMap(records),
  }
}

/** The RRset's records and, with DO, its signatures, which were made over what the zone really holds. */
function recordsOf({ owner, stored, signer }: ShownRrset, dnssecOk: boolean, faults: Faults): readonly WireRecord[] {
  const { type, ttlSeconds, rdatas } = stored
  if (faults.drops(stored.owner, type)) return []
  const records = rdatas.map((rdata) => ({ owner, type, ttlSeconds, rdata: faults.forged(stored.owner, type, rdata) }))
  if (!dnssecOk || signer === undefined || faults.strips(stored.owner, type)) return records
  const signatures = signer.signaturesOf(stored, faults.validity(stored.owner, type))
  return [...records, ...signatures.map((rdata) => ({ owner, type: TYPE.RRSIG, ttlSeconds, rdata }))]
}

/** RFC 2181 §9: a message that does not hold everything says so and holds nothing that somebody might use. */
function fitted(reply: ReplyMessage, { edns }: Message, transport: 'udp' | 'tcp'): Uint8Array {
  const whole = writeReply(reply)
  const asked = Math.max(edns?.udpPayloadOctets ?? 0, MIN_DATAGRAM_OCTETS)
  if (whole.length <= (transport === 'tcp' ? MAX_STREAM_OCTETS : Math.min(asked, MAX_DATAGRAM_OCTETS))) return whole
  return writeReply({ ...reply, truncated: true, answer: [], authority: [] })
}
