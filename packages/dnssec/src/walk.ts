/** One step of the walk from a trust anchor to the zone of a name, by DS at every label: cuts are proved, never guessed (RFC 4035 §5.2). */
import type { Link, Name } from '@portolan/core'
import { periodOf } from './clock.ts'
import { decodeDsSet, type EntryPoint, keysOf, unsupportedFault } from './delegation.ts'
import type { Obtained, Questions } from './questions.ts'
import { bogus, type Fault, insecure, isByTime } from './reasons.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { isSignedSince, type SignedZones } from './signed-zones.ts'
import type { Work } from './work.ts'
import { type Cut, judgeCut } from './zone-cut.ts'
import type { SecureZone, ZoneState } from './zone-state.ts'

/** What every step needs beside the zone above. */
export interface WalkContext {
  readonly questions: Questions
  readonly signed: SignedZones
  /** With the budget of walks. */
  readonly work: Work
}

/** The keys of a zone whose entry point is trusted. */
export async function enter(
  entry: EntryPoint,
  chain: readonly Link[],
  untilMs: number,
  { questions, work }: WalkContext,
): Promise<ZoneState> {
  const unsupported = unsupportedFault(entry, work)
  if (unsupported !== undefined) return insecure(unsupported, chain, untilMs)
  const result = await judgedTwice(questions, entry.zone, DNSKEY.code, async (obtained) => {
    if ('reply' in obtained) return keysOf(entry, obtained.reply, work)
    return { fault: { reason: 'dnskey-unobtainable', detail: obtained.failure } }
  })
  if ('fault' in result) return bogus(result.fault, chain, work.nowMs)
  const { keys, verified } = result
  questions.limit(entry.zone, DNSKEY.code, verified.ttlSeconds * 1_000)
  return {
    security: 'secure',
    zone: entry.zone,
    keys,
    chain: [...chain, verified.link],
    validUntilMs: Math.min(untilMs, verified.validUntilMs),
  }
}

/** From the zone that holds the parent of `name` to the one that holds `name`. */
export async function stepDown(above: SecureZone, name: Name, context: WalkContext): Promise<ZoneState> {
  const { questions, signed, work } = context
  const answered = await judgedTwice(questions, name, DS.code, async (obtained): Promise<Cut> => {
    if ('reply' in obtained) return judgeCut(above, name, obtained.reply, work)
    return { fault: { reason: 'ds-unobtainable', detail: obtained.failure } }
  })
  const step = whatCounts(answered, name, context)
  if ('fault' in step) return bogus(step.fault, above.chain, work.nowMs)
  const isUnsigned = step.kind !== 'same' && !isSigned(step, name, work)
  if (isUnsigned && signed.hasBelow(above.zone, name, inceptionOf(step))) {
    const detail = `${name} is said to be unsigned, but a DS at it or above was proved, signed later or at the same time`
    return bogus({ reason: 'denial-insufficient', detail }, above.chain, work.nowMs)
  }
  const provedUntilMs = step.kind === 'child' ? step.verified.validUntilMs : step.validUntilMs
  questions.limit(name, DS.code, provedUntilMs - work.nowMs)
  const untilMs = Math.min(above.validUntilMs, provedUntilMs)
  switch (step.kind) {
    case 'insecure':
      return insecure(step.why, above.chain, untilMs)
    case 'same':
      return { ...above, isBarren: step.isBarren, validUntilMs: untilMs }
    case 'child': {
      if (isSigned(step, name, work)) signed.add(name, step, provedUntilMs - work.nowMs)
      return enter(entryOf(step, name), [...above.chain, step.verified.link], untilMs, context)
    }
  }
}

type Child = Extract<Cut, { kind: 'child' }>

function entryOf({ rrset }: Child, zone: Name): EntryPoint {
  return { zone, ds: decodeDsSet(rrset.records), dnskeys: [], isAnchor: false }
}

function isSigned(cut: Cut, name: Name, work: Work): boolean {
  return 'kind' in cut && cut.kind === 'child' && unsupportedFault(entryOf(cut, name), work) === undefined
}

/**
 * A DS that was proved before and has not ended, unless something was signed since, or another DS at the same time (a signer
 * may give all signatures of a week one inception). Not where no zone begins: what the zone above signs is judged as such.
 */
function whatCounts(answered: Cut, name: Name, { signed, work }: WalkContext): Cut {
  const kept = signed.get(name)
  if (kept === undefined || ('kind' in answered && answered.kind === 'same')) return answered
  const { rrset, verified } = kept.ds
  if (periodOf(verified.rrsig, work.nowMs, work.clockSkewToleranceMs) !== 'valid') return answered
  if ('kind' in answered) {
    const isEqual = isSigned(answered, name, work) && inceptionOf(answered) === verified.rrsig.inception
    if (isEqual || isSignedSince(kept.ds, inceptionOf(answered))) return answered
  }
  return { kind: 'child', rrset, verified: { ...verified, validUntilMs: work.nowMs + kept.lifetimeMs } }
}

function inceptionOf(cut: Exclude<Cut, { fault: Fault } | { kind: 'same' }>): number {
  return cut.kind === 'insecure' ? cut.inception : cut.verified.rrsig.inception
}

/** Judges a reply; where that ends bogus, once more what the server gives with checking enabled. */
async function judgedTwice<T extends object>(
  questions: Questions,
  name: Name,
  type: number,
  judge: (obtained: Obtained) => Promise<T | { readonly fault: Fault }>,
): Promise<T | { readonly fault: Fault }> {
  const first = await judge(await questions.ask(name, type))
  if (!('fault' in first)) return first
  const again = await questions.ask(name, type, { checkingDisabled: false })
  const second = 'failure' in again ? first : await judge(again)
  if ('reply' in again && !('fault' in second)) questions.keep(again.reply)
  // What fails by time is kept: it is the clock that may get better, and then the same records will do.
  else if (!isByTime(first.fault.reason)) questions.forget(name, type)
  return 'fault' in second ? first : second
}
