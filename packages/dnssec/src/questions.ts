/** Questions for DS and DNSKEY: asked once for all who need them, and kept as they came, unjudged, while their TTLs last. */
import {
  type Exchange,
  isPortolanError,
  type Name,
  type RawRecord,
  type Reply,
  type Rrset,
  typeText,
} from '@portolan/core'
import { cappedBySignatures } from './capped.ts'
import { NOERROR, NXDOMAIN } from './rcode.ts'

export type Obtained = { readonly reply: Reply } | { readonly failure: string }

export interface Questions {
  /** Never rejects. With `checkingDisabled: false` it asks anew, and what comes is kept only by `keep`. */
  ask(name: Name, type: number, options?: { readonly checkingDisabled: false }): Promise<Obtained>
  keep(reply: Reply): void
  forget(name: Name, type: number): void
  /** No longer than its signatures vouch for (RFC 4035 §5.3.3): what came says nothing about that before it is judged. */
  limit(name: Name, type: number, lifetimeMs: number): void
  /** Whether anything has been held for longer. */
  hasOlderThan(ageMs: number): boolean
  /** What is held already. */
  held(name: Name, type: number): Promise<Obtained> | undefined
  /** What was answered about these names. */
  repliesAbout(names: ReadonlySet<Name>): Iterable<readonly [key: string, entry: Entry]>
  /** Holds what others were answered about these names, in place of what is older. */
  takeOver(others: Questions, names: ReadonlySet<Name>): void
}

interface Entry {
  readonly name: Name
  readonly obtained: Promise<Obtained>
  /** Absent while the question is under way. */
  arrival?: { readonly atMs: number; readonly isReply: boolean }
  lifetimeMs: number
}

/** RFC 9520 §3.2: failures are remembered for at least one second, so that they do not become storms. */
const FAILURE_MS = 5_000
const MAX_TTL_SECONDS = 86_400
const MAX_ENTRIES = 4_096

/** @param elapsedMs counts what TTLs count, sleep included */
export function questionsTo(exchange: Exchange, elapsedMs: () => number): Questions {
  const entries = new Map<string, Entry>()
  /** When the oldest came that had no room: verdicts may still rest on it. */
  let firstLostMs = Infinity

  const ageMs = ({ arrival }: Entry) => (arrival === undefined ? 0 : elapsedMs() - arrival.atMs)
  const put = (key: string, entry: Entry) => {
    entries.delete(key)
    entries.set(key, entry)
    const [oldest] = entries
    if (entries.size <= MAX_ENTRIES || oldest === undefined) return
    entries.delete(oldest[0])
    firstLostMs = Math.min(firstLostMs, oldest[1].arrival?.atMs ?? Infinity)
  }
  const insert = (name: Name, type: number, obtained: Promise<Obtained>) => {
    const key = keyOf(name, type)
    const entry: Entry = { name, obtained, lifetimeMs: Infinity }
    put(key, entry)
    const onArrival = (result: Obtained) => {
      entry.arrival = { atMs: elapsedMs(), isReply: 'reply' in result }
      entry.lifetimeMs = 'reply' in result ? lifetimeOf(result.reply) : FAILURE_MS
    }
    // The clock that was given may fail: without it nothing can be kept.
    obtained.then(onArrival).catch(() => {
      if (entries.get(key) === entry) entries.delete(key)
    })
    return obtained
  }
  const live = (key: string) => {
    const entry = entries.get(key)
    if (entry === undefined || ageMs(entry) > entry.lifetimeMs) return undefined
    const ageSeconds = Math.floor(ageMs(entry) / 1000)
    return ageSeconds === 0 ? entry.obtained : entry.obtained.then((obtained) => aged(obtained, ageSeconds))
  }

  return {
    ask(name, type, options) {
      if (options !== undefined) return obtain(exchange, name, type, false)
      return live(keyOf(name, type)) ?? insert(name, type, obtain(exchange, name, type, true))
    },
    keep: (reply) => void insert(reply.query.name, reply.query.type, Promise.resolve(usable(reply))),
    forget: (name, type) => void entries.delete(keyOf(name, type)),
    limit(name, type, lifetimeMs) {
      const entry = entries.get(keyOf(name, type))
      if (entry !== undefined) entry.lifetimeMs = Math.min(entry.lifetimeMs, ageMs(entry) + lifetimeMs)
    },
    hasOlderThan(olderMs) {
      const nowMs = elapsedMs()
      const isOld = (atMs: number) => nowMs - atMs > olderMs
      return isOld(firstLostMs) || [...entries.values()].some(({ arrival }) => isOld(arrival?.atMs ?? nowMs))
    },
    held: (name, type) => live(keyOf(name, type)),
    repliesAbout: (names) =>
      [...entries].filter(([, { name, arrival }]) => names.has(name) && arrival?.isReply === true),
    takeOver(others, names) {
      for (const [key, entry] of others.repliesAbout(names)) {
        const own = entries.get(key)?.arrival?.atMs ?? -Infinity
        if (own < (entry.arrival?.atMs ?? -Infinity)) put(key, entry)
      }
    },
  }
}

/** For somebody who judges otherwise: what is held is not dropped or shortened by that. */
export function unchanged(questions: Questions): Questions {
  return { ...questions, keep() {}, forget() {}, limit() {}, takeOver() {} }
}

function keyOf(name: Name, type: number): string {
  return `${type} ${name}`
}

/** No caller's signal: what several wait for must not end with one of them. Transports have their own time limits. */
async function obtain(exchange: Exchange, name: Name, type: number, checkingDisabled: boolean): Promise<Obtained> {
  try {
    return usable(await exchange({ name, type, checkingDisabled }))
  } catch (error) {
    if (!isPortolanError(error)) return { failure: `${name} ${typeText(type)}: ${String(error)}` }
    return { failure: error.message }
  }
}

function usable(reply: Reply): Obtained {
  const what = `${reply.query.name} ${typeText(reply.query.type)}`
  if (reply.truncated) return { failure: `${what}: the reply is truncated` }
  if (reply.rcode !== NOERROR && reply.rcode !== NXDOMAIN) return { failure: `${what}: rcode ${reply.rcode}` }
  const { answer, authority } = reply
  return { reply: { ...reply, answer: answer.map(cappedBySignatures), authority: authority.map(cappedBySignatures) } }
}

/** What was kept has lived a part of its TTLs (RFC 1035 §3.2.1). */
function aged(obtained: Obtained, ageSeconds: number): Obtained {
  if (!('reply' in obtained)) return obtained
  const older = (record: RawRecord) => ({ ...record, ttlSeconds: Math.max(0, record.ttlSeconds - ageSeconds) })
  const all = (rrsets: readonly Rrset[]) =>
    rrsets.map((one) => ({ ...one, records: one.records.map(older), signatures: one.signatures.map(older) }))
  const { reply } = obtained
  return { reply: { ...reply, answer: all(reply.answer), authority: all(reply.authority) } }
}

function lifetimeOf({ answer, authority }: Reply): number {
  const ttls = [...answer, ...authority].flatMap(({ records }) => records.map(({ ttlSeconds }) => ttlSeconds))
  return 1000 * ttls.reduce((least, one) => Math.min(least, one), ttls.length === 0 ? 1 : MAX_TTL_SECONDS)
}
