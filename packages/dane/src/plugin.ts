/** The DANE plugin: TLSA beside the addresses of each target, and a verdict on the TLS peer (RFC 6698, 7671, 7673). */

import {
  type Candidate,
  InvalidOptionError,
  labelsOf,
  type Name,
  type PeerVerdict,
  type Plugin,
  prefixed,
  type TlsPeer,
  Veto,
} from '@portolan/core'
import { judge } from '#judge'
import { explainNoUsableTlsa } from './explain.ts'
import { type DaneFact, type DaneMode, tlsaState } from './fact.ts'
import { type LearnSettings, learn } from './learn.ts'
import { refusalReview } from './refusal-review.ts'
import { DEFAULT_USAGES } from './usability.ts'
import type { JudgeOptions, Verdict } from './verdict.ts'

export interface DaneOptions extends JudgeOptions {
  /** Default `required`. */
  readonly mode?: DaneMode | undefined
  /** Clock for the dates of certificates, milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

export interface DanePlugin extends Plugin<'dane', DaneFact> {
  inspect: Plugin<'dane', DaneFact>['inspect']
  authentication: NonNullable<Plugin<'dane', DaneFact>['authentication']>
  checkPeer: NonNullable<Plugin<'dane', DaneFact>['checkPeer']>
  /**
   * TLSA may be in the middle of a roll-over (RFC 7671 §8). Where they are as before the refusal stands, and they are not
   * asked for past the cache again before their TTL and a random part of it more.
   */
  recheck: NonNullable<Plugin<'dane', DaneFact>['recheck']>
}

/**
 * What a target's TLSA say, and whether the TLS server fits them. A target whose TLSA are bogus or cannot be had is struck
 * out; in mode `required` so is one without usable TLSA; mode `report` strikes out nothing.
 * @throws InvalidOptionError
 */
export function dane(options: DaneOptions = {}): DanePlugin {
  const { mode = 'required', usages = DEFAULT_USAGES, now = Date.now } = options
  if (!['required', 'opportunistic', 'report'].includes(mode)) {
    throw new InvalidOptionError('mode', `${JSON.stringify(mode)} is none of required, opportunistic, report`)
  }
  if (usages.length === 0 || usages.some((usage) => ![0, 1, 2, 3].includes(usage))) {
    throw new InvalidOptionError('usages', 'a list of certificate usages from 0 to 3 is needed')
  }
  const settings: LearnSettings = { mode, usability: { usages, isReadable: judge?.isReadable } }
  const review = refusalReview(settings, now)
  return {
    name: 'dane',
    async inspect(target, _serviceFact, context) {
      const fact = await learn(target, context, settings)
      if (mode === 'report') return fact
      if (fact.state === 'failed') throw new Veto(fact.code, lookupFailed(fact.owner, fact.code), { cause: fact.error })
      if (mode === 'opportunistic' || tlsaState(fact) === 'usable') return fact
      throw new Veto('dane/no-usable-tlsa', explainNoUsableTlsa(fact, target.service))
    },
    authentication(fact) {
      return { tlsa: tlsaState(fact), tlsaBase: fact.state === 'secure-present' ? fact.base : undefined, mode }
    },
    checkPeer(peer, candidate, fact) {
      const verdict = judgePeer(peer, candidate, fact, { ...options, usages }, now())
      if (mode !== 'report' || verdict.decision === 'defer-to-pkix') return verdict
      return {
        decision: 'defer-to-pkix',
        matchDepth: null,
        detail: `DANE would ${verdict.decision}: ${verdict.detail}`,
      }
    },
    recheck: async (fact, context) => (fact.state === 'secure-present' ? review(fact, context) : fact),
  }
}

function lookupFailed(owner: Name, code: string): string {
  const what = code === 'dane/lookup-bogus' ? 'is forged or broken (bogus)' : 'did not come'
  return `the answer about the TLSA of ${owner} ${what}; connecting without them would be the downgrade that DANE is there to prevent (RFC 7672 §2.1.2)`
}

function judgePeer(
  { chainAsSent }: TlsPeer,
  { target, identity }: Candidate,
  fact: DaneFact,
  options: DaneOptions,
  nowMs: number,
): PeerVerdict {
  // A fact that was asked for again may say so; core gives out no candidate with one.
  if (fact.state === 'failed' && fact.mode !== 'report') return refuse(fact.code, lookupFailed(fact.owner, fact.code))
  if (tlsaState(fact) !== 'usable' || fact.state !== 'secure-present') {
    if (fact.mode === 'required') return refuse('dane/no-usable-tlsa', 'DANE is required and there are no usable TLSA')
    return { decision: 'defer-to-pkix', matchDepth: null, detail: `no usable TLSA at ${fact.owner} (${fact.state})` }
  }
  if (judge === undefined) return refuse('dane/no-judge', 'this platform cannot check a TLS server against TLSA')
  const evidence = {
    chain: chainAsSent,
    referenceNames: identity.referenceNames,
    srvNames: srvNames(target.service, identity.referenceNames),
  }
  return asPeerVerdict(judge.judgeDane(fact.records, evidence, nowMs, options))
}

function refuse(code: string, detail: string): PeerVerdict {
  return { decision: 'refuse', code, detail }
}

function asPeerVerdict(verdict: Verdict): PeerVerdict {
  switch (verdict.decision) {
    case 'accept':
      return { decision: 'accept', matchDepth: verdict.matchDepth, detail: verdict.detail }
    case 'refuse':
      return refuse(`dane/${verdict.code}`, verdict.detail)
    case 'defer-to-pkix':
      // The lookup found usable records: whoever cannot use them now must not be talked out of DANE.
      return refuse('dane/no-usable-tlsa', verdict.detail)
  }
}

/** The service domain may be presented as SRV-ID (RFC 4985 §2), where it is a reference name at all. */
function srvNames(service: Candidate['target']['service'], referenceNames: readonly Name[]): readonly Name[] {
  const [label] = labelsOf(service.name)
  if (label === undefined || service.fallback || !referenceNames.includes(service.domain)) return []
  return [prefixed(label, service.domain)]
}
