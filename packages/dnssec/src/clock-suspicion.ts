/** Tells a wrong clock from a bad signature: everything on the way fails by time, in one direction, and would hold otherwise. */
import { type Proof, type Reply, selfAndAncestors, type Unproved } from '@portolan/core'
import { serialToMs } from './clock.ts'
import { decoded } from './decoded.ts'
import type { Questions } from './questions.ts'
import { EXTENDED_ERROR_OF_REASON, isByTime } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { RRSIG } from './records/rrsig.ts'

export interface Suspicion {
  readonly nowMs: number
  readonly questions: Questions
  /** Judges the same reply by a clock that shows `atMs`, keeping nothing. */
  readonly judge: (atMs: number) => Promise<Reply>
}

interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** The same proof, or with reason `clock-suspect` and the smallest offset by which everything would be proved. */
export async function clockSuspicion(
  reply: Reply,
  proof: Unproved<'bogus'>,
  { nowMs, questions, judge }: Suspicion,
): Promise<Proof> {
  // A chain holds what has been proved by this very clock.
  if (!isByTime(proof.reason) || proof.chain.length > 0) return proof
  const windows = (await repliesOnTheWay(reply, questions)).flatMap((one) => windowsOf(one, nowMs))
  const offsetMs = commonOffsetMs(windows, nowMs)
  if (offsetMs === undefined) return proof
  const moved = await judge(nowMs + offsetMs)
  if (moved.proof === undefined || moved.proof.security === 'bogus') return proof
  const days = (Math.abs(offsetMs) / 86_400_000).toFixed(1)
  return {
    ...proof,
    reason: 'clock-suspect',
    detail: `every signature would hold if the clock stood ${days} days ${offsetMs < 0 ? 'earlier' : 'later'}: ${proof.detail}`,
    extendedError: EXTENDED_ERROR_OF_REASON[offsetMs < 0 ? 'signature-expired' : 'signature-not-yet-valid'],
    clockOffsetMs: offsetMs,
  }
}

async function repliesOnTheWay(reply: Reply, questions: Questions): Promise<readonly Reply[]> {
  const held = selfAndAncestors(reply.query.name).flatMap((name) => {
    return [DS.code, DNSKEY.code].map((type) => questions.held(name, type))
  })
  const obtained = await Promise.all(held)
  return [reply, ...obtained.flatMap((one) => (one !== undefined && 'reply' in one ? [one.reply] : []))]
}

function windowsOf({ answer, authority }: Reply, nowMs: number): readonly Window[] {
  return [...answer, ...authority].flatMap(({ signatures }) =>
    signatures.flatMap(({ rdata }) => {
      const rrsig = decoded(RRSIG.decode, rdata)
      if (rrsig === undefined) return []
      return [{ fromMs: serialToMs(rrsig.inception, nowMs), toMs: serialToMs(rrsig.expiration, nowMs) }]
    }),
  )
}

/** What to add to the clock so that it stands in all windows; `undefined` unless now it stands beside each, on one side. */
function commonOffsetMs(windows: readonly Window[], nowMs: number): number | undefined {
  if (windows.length === 0) return undefined
  const latestStart = windows.reduce((latest, { fromMs }) => Math.max(latest, fromMs), -Infinity)
  const firstEnd = windows.reduce((first, { toMs }) => Math.min(first, toMs), Infinity)
  if (latestStart > firstEnd) return undefined
  // Whole seconds: a signature holds during the whole second that its end names.
  const seconds = Math.floor(nowMs / 1000) * 1000
  if (windows.every(({ toMs }) => toMs < seconds)) return firstEnd - seconds
  if (windows.every(({ fromMs }) => fromMs > seconds)) return latestStart - seconds
  return undefined
}
