/** From a plan to what is printed of it. */
import {
  type Candidate,
  type DiscoveryError,
  displayName,
  type Plan,
  type TraceEntry,
  type Usable,
  weakest,
} from '@portolan/core'
import { type DaneFact, formatTlsa, type Gate } from '@portolan/dane'
import type { LocFact } from '@portolan/loc'
import type { TxtFact } from '@portolan/txt'
import type { BrokerFacts } from '../discover.ts'
import type { Broker, Dane, Judgement, Place, Report, Sasl, StruckOut, TraceLine } from './report.ts'

export function reportOf({ service, candidates, vetoed, expiresAtMs, trace }: Plan<BrokerFacts>): Report {
  return {
    version: 1,
    domain: displayName(service.domain),
    service: { name: displayName(service.name), fallback: service.fallback, security: judgementOf(service.proof) },
    expiresAt: timeText(expiresAtMs),
    brokers: candidates.map(brokerOf),
    struckOut: vetoed.map(({ target, ...veto }) => struckOutOf({ ...target, ...veto })),
    trace: trace.map(traceLineOf),
  }
}

function brokerOf({
  target,
  canonicalName,
  addresses,
  facts,
  identity,
  standing,
  expiresAtMs,
}: Candidate<BrokerFacts>): Broker {
  const { service, host, port, priority, weight } = target
  return {
    rank: standing.rank + 1,
    host: displayName(host),
    port,
    tls: service.tls,
    priority,
    weight,
    canonicalName: displayName(canonicalName),
    addresses: addresses.map(({ family, address, proof }) => ({ family, address, security: proof.security })),
    security: judgementOf(weakest(service.proof, ...addresses.map(({ proof }) => proof))),
    place: placeOf(facts.loc),
    sasl: saslOf(facts.txt),
    dane: daneOf(facts.dane),
    identity: {
      serverName: displayName(identity.serverName),
      referenceNames: identity.referenceNames.map(displayName),
      requirement: identity.requirement,
    },
    why: standing.because,
    expiresAt: timeText(expiresAtMs),
  }
}

function judgementOf(proof: Usable): Judgement {
  const { security: state } = proof
  return proof.security === 'secure'
    ? { state, reason: null, detail: null }
    : { state, reason: proof.reason, detail: proof.detail }
}

function placeOf(fact: LocFact | undefined): Place {
  if (fact === undefined) return { status: 'not-asked' }
  if (fact.status === 'absent') return { status: 'absent' }
  if (fact.status === 'unknown') return { status: 'unknown', reason: fact.reason, detail: fact.detail }
  const { position, distanceMetres } = fact
  const { latitude, longitude } = position
  return { status: 'located', latitude, longitude, distanceMetres: Math.round(distanceMetres) }
}

function saslOf(fact: TxtFact): Sasl {
  if (fact.status === 'offered') return { status: 'offered', mechanisms: fact.mechanisms }
  if (fact.status === 'absent') return { status: 'absent' }
  return { status: 'withheld', reason: fact.reason, detail: fact.detail }
}

function daneOf(fact: DaneFact): Dane {
  const { state } = fact
  const owner = displayName(fact.owner)
  const nothing = { state, owner, records: [], usable: 0 }
  switch (fact.state) {
    case 'secure-present': {
      const reasons = fact.unusable.map(({ record, reason }) => `${formatTlsa(record)}: ${reason}`)
      const detail = fact.usable > 0 ? null : `none of the records is usable: ${reasons.join('; ')}`
      return { state, owner, records: fact.records.map(formatTlsa), usable: fact.usable, detail }
    }
    case 'secure-absent':
      return { ...nothing, detail: 'it is proved that there are no TLSA records' }
    case 'failed':
      return { ...nothing, detail: fact.error.message }
    default:
      return { ...nothing, detail: `${GATES[fact.gate]}: ${fact.proof.detail}` }
  }
}

/** What DANE rests on (RFC 7673 §3), in words. */
const GATES: Readonly<Record<Gate, string>> = {
  srv: 'the SRV records are not proved',
  alias: 'an alias on the way is not proved',
  address: 'no address is proved',
  tlsa: 'the TLSA records are not proved',
}

export function struckOutOf({ host, port, code, cause }: DiscoveryError['vetoed'][number]): StruckOut {
  return { host: displayName(host), port, code, detail: cause instanceof Error ? cause.message : String(cause) }
}

function traceLineOf({ atMs, subject, type, code, proof, detail }: TraceEntry): TraceLine {
  const at = timeText(atMs)
  return { at, subject: displayName(subject), type: type ?? null, code, security: proof?.security ?? null, detail }
}

/** What never ends, ends with the last year that ISO 8601 writes in four digits. */
function timeText(ms: number): string {
  return new Date(Math.min(ms, Date.UTC(9999, 11, 31))).toISOString()
}
