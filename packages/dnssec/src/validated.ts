/** The validator: an Exchange that asks another one with DO and CD and proves every answer from its trust anchors. */
import {
  abortable,
  type CallOptions,
  type Exchange,
  type Proof,
  type Query,
  type Reply,
  type Unproved,
} from '@portolan/core'
import { parseTrustAnchors, ROOT_ANCHORS, type TrustAnchors } from './anchors.ts'
import { judgeReply } from './answer.ts'
import { Budget } from './budget.ts'
import { clockSuspicion } from './clock-suspicion.ts'
import { unsupportedFault } from './delegation.ts'
import { knowledgeFrom, type ZoneData } from './knowledge.ts'
import { settingsOf, type ValidatorOptions } from './options.ts'
import { isJudgeable } from './rcode.ts'
import { isChainType, speculator } from './speculation.ts'
import { type Settings, type Work, workOf } from './work.ts'
import type { Zones } from './zones.ts'

/**
 * Wraps an exchange. Replies carry a verdict on each RRset, on a denial and on the whole; a bogus one holds no records.
 * It keeps keys and zone states, so make one for each upstream and keep it.
 * The returned exchange rejects as the wrapped one does, and with the caller's abort reason.
 * @throws InvalidOptionError
 */
export function validated(exchange: Exchange, options: ValidatorOptions = {}): Exchange {
  const { now = Date.now, monotonicNow = () => performance.now() } = options
  const settings = settingsOf(options, monotonicNow)
  const anchors = usableAnchors(parseTrustAnchors(options.trustAnchors ?? ROOT_ANCHORS), settings)
  const speculation = speculator()
  const knowledge = knowledgeFrom(exchange, { anchors, now, monotonicNow })

  /** By these zones and this time. */
  const judgedBy = async (zones: Zones, nowMs: number, reply: Reply, asker: Asker) => {
    // A thousand replies may come at once: reading them takes its time too.
    await settings.pace.next()
    asker.signal?.throwIfAborted()
    const judgedReply = await judgeReply(reply, { zones, work: workOf(settings, nowMs, asker) })
    // And so does what becomes of them.
    await settings.pace.next()
    return judgedReply
  }
  const judgedWith = async (data: ZoneData, reply: Reply, asker: Asker) => {
    const judgedReply = await judgedBy(data.zones, now(), reply, asker)
    if (isProvedByTime(judgedReply.proof)) knowledge.confirmClock(data)
    return judgedReply
  }
  const judged = (reply: Reply, asker: Asker) => judgedWith(knowledge.current(), reply, asker)

  const ask = ({ name, type }: Query, checkingDisabled: boolean, call: CallOptions | undefined): Promise<Reply> =>
    exchange({ name, type, checkingDisabled }, call)

  /** CD may have brought what the server itself knows to be bad. */
  const secondWord = async (query: Query, call: CallOptions | undefined): Promise<Reply | undefined> => {
    const again = await ask(query, false, call).catch((error: unknown) => {
      call?.signal?.throwIfAborted()
      return error
    })
    return isReply(again) && isJudgeable(again) ? { ...again, query } : undefined
  }

  /** Zones change while their records are kept: new keys, a new DS, a zone where there was none. */
  const byRenewedZones = async (reply: Reply, asker: Asker): Promise<Reply | undefined> => {
    const anew = knowledge.renewed()
    if (anew === undefined) return undefined
    const renewed = await judgedWith(anew, reply, asker)
    if (isBogus(renewed)) return undefined
    const { query, answer, denial } = renewed
    const ends = denial === undefined ? [] : [denial.owner]
    knowledge.adopt(anew, [query.name, ...answer.map(({ owner }) => owner), ...ends])
    return renewed
  }

  const suspected = (reply: Reply, proof: Unproved<'bogus'>, asker: Asker): Promise<Proof> => {
    const judge = (atMs: number) => judgedBy(knowledge.byAnotherClock(), atMs, reply, asker)
    const { questions } = knowledge.current()
    return abortable(clockSuspicion(reply, proof, { nowMs: now(), questions, judge }), asker.signal)
  }

  /** Bogus is the last word only after everything that could make it another one. */
  const judge = async (query: Query, reply: Reply, call: CallOptions | undefined): Promise<Reply> => {
    const asker: Asker = { signal: call?.signal, budget: new Budget(settings.limits) }
    const first = await judged(reply, asker)
    speculation.learn(first)
    if (first.proof?.security !== 'bogus') return first
    const again = await secondWord(query, call)
    if (again !== undefined) {
      const second = await judged(again, asker)
      if (!isBogus(second)) return second
    }
    const renewed = mayBeStale(first.proof) ? await byRenewedZones(again ?? reply, asker) : undefined
    return renewed ?? { ...first, proof: await suspected(reply, first.proof, asker) }
  }

  const proved: Exchange = async (query, call) => {
    call?.signal?.throwIfAborted()
    const { questions, zones } = knowledge.current()
    const path = speculation.pathOf(query.name)
    if (path !== undefined) zones.prefetch(path, now())
    const isChain = isChainType(query.type)
    const pending = isChain && call?.pastCache !== true ? questions.held(query.name, query.type) : undefined
    const kept = pending === undefined ? undefined : await abortable(pending, call?.signal)
    const reply = kept !== undefined && 'reply' in kept ? { ...kept.reply, query } : await ask(query, true, call)
    if (!isJudgeable(reply)) return { ...reply, answer: [], authority: [], denial: undefined, proof: undefined }
    // Not in place of what is kept: this has not been judged.
    if (isChain && questions.held(query.name, query.type) === undefined) questions.keep(reply)
    const judgedReply = await judge(query, reply, call)
    const { proof } = judgedReply
    if (isChain && proof?.security === 'secure') questions.limit(query.name, query.type, proof.validUntilMs - now())
    call?.signal?.throwIfAborted()
    return judgedReply
  }

  // What waits to begin is a promise, no frame: there may be thousands.
  return (query, call) => abortable(settings.pace.begin(), call?.signal).then(() => proved(query, call))
}

/** What all judgements of one question share. */
type Asker = Pick<Work, 'budget' | 'signal'>

/**
 * An anchor of unsupported algorithms or digests takes nothing from one above it: who has another starting point has a chain
 * (RFC 4035 §4.3). Where it is the only one it stays, to say why.
 */
function usableAnchors(anchors: TrustAnchors, settings: Settings): TrustAnchors {
  const usable = [...anchors].filter(([, anchor]) => unsupportedFault(anchor, settings) === undefined)
  return usable.length > 0 ? new Map(usable) : anchors
}

/** Whether other keys or another DS could change the verdict. What could not be had is asked for again soon enough. */
function mayBeStale({ reason }: Unproved<'bogus'>): boolean {
  return !reason.startsWith('limit-') && !reason.endsWith('-unobtainable')
}

/** Whether any signature held. */
function isProvedByTime(proof: Proof | undefined): boolean {
  return proof !== undefined && proof.security !== 'indeterminate' && proof.chain.length > 0
}

function isBogus({ proof }: Reply): boolean {
  return proof?.security === 'bogus'
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'rcode' in value && 'answer' in value
}
