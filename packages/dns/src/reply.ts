/** What a server sent, held against what it was asked (RFC 5452 §9.1), as the Reply that everything above works on. */
import { isPortolanError, LookupError, type Query, type Reply, typeText } from '@portolan/core'
import { extendedErrorsOf } from './edns.ts'
import { CLASS_IN, type Message, type MessageHead, messagePieces, readHead } from './message.ts'
import { type Pieces, whole } from './pieces.ts'
import { rrsetsOf } from './rrsets.ts'

const QUERY_OPCODE = 0
/** FORMERR, SERVFAIL, NOTIMP, REFUSED: a server that could not read the question cannot repeat it. */
const RCODES_WITHOUT_QUESTION: ReadonlySet<number> = new Set([1, 2, 4, 5])

/**
 * Reads the reply to `query`. The message id is the transport's to check.
 * A truncated reply keeps no records: which of them TC cut off nobody can say (RFC 2181 §9).
 * @param server who sent it: `host:port` or a URL
 * @throws LookupError `dns/malformed`, or `dns/mismatched-reply` for an answer to something else
 */
export function readReply(octets: Uint8Array, query: Query, server: string): Reply {
  return whole(replyPieces(octets, query, server))
}

/** Reads as `readReply` does, so many records at a time. */
export function* replyPieces(octets: Uint8Array, query: Query, server: string): Pieces<Reply> {
  const facts = { owner: query.name, type: typeText(query.type), server }
  const message = yield* framed(octets, facts)
  const mismatch = mismatchOf(message, query)
  if (mismatch !== undefined) throw new LookupError('dns/mismatched-reply', mismatch, facts)
  const { rcode, flags, answer, authority, additional, edns } = message
  return {
    query,
    rcode,
    truncated: flags.tc,
    authenticData: flags.ad,
    server,
    answer: yield* rrsetsOf(answer, additional),
    authority: yield* rrsetsOf(authority, additional),
    extendedErrors: extendedErrorsOf(edns),
  }
}

function* framed(octets: Uint8Array, facts: ConstructorParameters<typeof LookupError>[2]): Pieces<Message> {
  try {
    if (!isTruncated(octets)) return yield* messagePieces(octets)
    return { ...readHead(octets), answer: [], authority: [], additional: [] }
  } catch (cause) {
    if (!isPortolanError(cause)) throw cause
    throw new LookupError('dns/malformed', cause.message, { ...facts, cause })
  }
}

function isTruncated(octets: Uint8Array): boolean {
  return ((octets[2] ?? 0) & 0x02) !== 0
}

/** Why this is no reply to that question; `undefined` where it is one. */
function mismatchOf({ flags, opcode, rcode, questions }: MessageHead, query: Query): string | undefined {
  if (!flags.qr) return 'what came is a query, not a reply'
  if (opcode !== QUERY_OPCODE) return `the reply has opcode ${opcode}, not QUERY`
  const [question] = questions
  if (question === undefined && RCODES_WITHOUT_QUESTION.has(rcode)) return undefined
  if (question === undefined || questions.length > 1) return `the reply repeats ${questions.length} questions, not ours`
  if (question.name === query.name && question.type === query.type && question.class === CLASS_IN) return undefined
  return `the reply is to another question: ${question.name} ${typeText(question.type)}`
}
