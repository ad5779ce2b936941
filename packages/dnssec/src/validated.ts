/** The validator: an Exchange that asks another one with DO and CD and proves every answer from its trust anchors. */
import {
  abortable,
  type CallOptions,
  type Exchange,
  InvalidOptionError,
  type Name,
  type Proof,
  type Query,
  type Reply,
  type Unproved,
} from '@portolan/core'
import { parseTrustAnchors, ROOT_ANCHORS, type TrustAnchor, type TrustAnchors } from './anchors.ts'
import { judgeReply } from './answer.ts'
import { clockSuspicion } from './clock-suspicion.ts'
import { unsupportedFault } from './delegation.ts'
import { knowledgeFrom } from './knowledge.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { pace } from './pace.ts'
import { NOERROR, NXDOMAIN } from './rcode.ts'
import { isChainType, speculator } from './speculation.ts'
import { type Settings, workOf } from './work.ts'
import type { Zones } from './zones.ts'

export interface ValidatorOptions {
  /** DS or DNSKEY records, as lines in presentation form or taken apart; default both root KSKs (`ROOT_ANCHORS`). */
  readonly trustAnchors?: readonly (string | TrustAnchor)[] | undefined
  /** Wall clock in milliseconds since 1970, for the times of signatures; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** A clock that nobody sets, in milliseconds; default `performance.now`. */
  readonly monotonicNow?: (() => number) | undefined
  /** Verify algorithms 5 and 7 instead of treating them as unsupported (RFC 9905); default false. */
  readonly sha1Algorithms?: boolean | undefined
  /** Accept SHA-1 DS where no SHA-2 DS stands beside them; default true (RFC 9904 asks validators to support them). */
  readonly sha1Digests?: boolean | undefined
  /** Verdict on NSEC3 with more iterations than `limits.nsec3Iterations` (RFC 9276 §3.2); default `insecure`. */
  readonly overLimitIterations?: 'insecure' | 'bogus' | undefined
  /** How far the clock may be off, in milliseconds; default 0, at most a day. */
  readonly clockSkewToleranceMs?: number | undefined
  readonly limits?: Partial<Limits> | undefined
}

const MAX_SKEW_MS = 86_400_000

/**
 * Wraps an exchange. Replies carry a verdict on each RRset, on a denial and on the whole; a bogus one holds no records.
 * It keeps keys and zone states, so make one for each upstream and keep it.
 * The returned exchange rejects as the wrapped one does, and with the caller's abort reason.
 * @throws InvalidOptionError
 */
export function validated(exchange: Exchange, options: ValidatorOptions = {}): Exchange {
  const { now = Date.now, monotonicNow = () => performance.now() } = options
  const settings = settingsOf(options)
  const anchors = usableAnchors(parseTrustAnchors(options.trustAnchors ?? ROOT_ANCHORS), settings)
  const speculation = speculator()
  const knowledge = knowledgeFrom(exchange, { anchors, now, monotonicNow })

  const judged = async (reply: Reply, nowMs: number, within: Zones, signal: AbortSignal | undefined) => {
    // A thousand replies may come at once: reading them takes its time too.
    await settings.pace.next()
    signal?.throwIfAborted()
    const work = workOf(settings, nowMs, signal)
    const judgedReply = await judgeReply(reply, { zones: within, work })
    // And so does what becomes of them.
    await settings.pace.next()
    return judgedReply
  }

  const ask = ({ name, type }: Query, checkingDisabled: boolean, call: CallOptions | undefined): Promise<Reply> =>
    exchange({ name, type, checkingDisabled }, call)

  const judge = async (query: Query, first: Reply, call: CallOptions | undefined): Promise<Reply> => {
    const signal = call?.signal
    const reply = await judged(first, now(), knowledge.current().zones, signal)
    speculation.learn(reply)
    if (reply.proof?.security !== 'bogus') return reply
    // CD may have brought what the server itself knows to be bad: its second word is judged as its first.
    const again = await ask(query, false, call).catch((error: unknown) => {
      signal?.throwIfAborted()
      return error
    })
    const latest = isReply(again) && isUsable(again) ? { ...again, query } : first
    if (latest !== first) {
      const second = await judged(latest, now(), knowledge.current().zones, signal)
      if (second.proof?.security !== 'bogus') return second
    }
    // Zones change while their records are kept: new keys, a new DS, a zone where there was none.
    const anew = mayBeStale(reply.proof) ? knowledge.renewed() : undefined
    if (anew !== undefined) {
      const third = await judged(latest, now(), anew.zones, signal)
      if (third.proof !== undefined && overrules(third.proof, reply.proof)) {
        knowledge.adopt(anew)
        return third
      }
    }
    const nowMs = now()
    const { questions } = knowledge.current()
    const elsewhere = (atMs: number) => judged(first, atMs, knowledge.byAnotherClock(), signal)
    const suspicion = clockSuspicion(first, reply.proof, { nowMs, questions, judge: elsewhere })
    const proof = await abortable(suspicion, signal)
    return { ...reply, proof }
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
    if (!isUsable(reply)) return { ...reply, answer: [], authority: [], denial: undefined, proof: undefined }
    if (isChain && kept === undefined) questions.keep(reply)
    const judgedReply = await judge(query, reply, call)
    const { proof } = judgedReply
    if (isChain && proof?.security === 'secure') questions.limit(query.name, query.type, proof.validUntilMs - now())
    call?.signal?.throwIfAborted()
    return judgedReply
  }

  // What waits to begin is a promise, no frame: there may be thousands.
  return (query, call) => abortable(settings.pace.begin(), call?.signal).then(() => proved(query, call))
}

/**
 * An anchor of unsupported algorithms or digests takes nothing from one above it: who has another starting point has a chain
 * (RFC 4035 §4.3). Where it is the only one it stays, to say why.
 */
function usableAnchors(anchors: TrustAnchors, settings: Settings): TrustAnchors {
  const usable = [...anchors].filter(
    ([, anchor]) => unsupportedFault({ ...anchor, isAnchor: true }, settings) === undefined,
  )
  return usable.length > 0 ? new Map(usable) : anchors
}

function settingsOf(options: ValidatorOptions): Settings {
  const {
    sha1Algorithms = false,
    sha1Digests = true,
    overLimitIterations = 'insecure',
    clockSkewToleranceMs = 0,
    monotonicNow = () => performance.now(),
  } = options
  if (!(clockSkewToleranceMs >= 0 && clockSkewToleranceMs <= MAX_SKEW_MS)) {
    throw new InvalidOptionError('clockSkewToleranceMs', `${clockSkewToleranceMs} is not from 0 to ${MAX_SKEW_MS}`)
  }
  return {
    limits: resolveLimits(options.limits ?? {}),
    policy: { sha1Algorithms, sha1Digests },
    overLimitIterations,
    clockSkewToleranceMs,
    pace: pace(monotonicNow),
  }
}

/**
 * Whether what was learned anew goes before what is kept. That a zone is unsigned does not, while proofs of its keys are kept:
 * who strips an answer would only have to replay a denial of DS from before the zone was signed.
 */
function overrules(proof: Proof, kept: Unproved<'bogus'>): boolean {
  if (proof.security === 'secure') return true
  const isKnown = (zone: Name) => proof.chain.some((link) => link.zone === zone)
  return proof.security === 'insecure' && kept.chain.every(({ zone }) => isKnown(zone))
}

/** Whether other keys or another DS could change the verdict. What could not be had is asked for again soon enough. */
function mayBeStale({ reason }: Unproved<'bogus'>): boolean {
  return !reason.startsWith('limit-') && !reason.endsWith('-unobtainable')
}

/** Other response codes say nothing that could be judged; whoever asked sees the code. */
function isUsable({ rcode, truncated }: Reply): boolean {
  return !truncated && (rcode === NOERROR || rcode === NXDOMAIN)
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'rcode' in value && 'answer' in value
}
