/** For tests: candidates, plans and discoveries without DNS. */
import { type Candidate, type Identity, NOT_JUDGED, type Plan, parseName } from '@portolan/core'
import type { Discover } from '../discovery.ts'
import { type AttemptCode, AttemptError, type AttemptFacts } from '../errors.ts'

export interface CandidateFacts {
  readonly host?: string
  readonly port?: number
  readonly addresses?: readonly string[]
  readonly expiresAtMs?: number
  readonly requirement?: Identity['requirement']
  readonly tls?: boolean
  readonly facts?: unknown
  /** Takes what is noted of it. */
  readonly notes?: { readonly code: string; readonly detail: string }[]
}

export const DOMAIN = 'fleet.test'

const service = (tls: boolean) => ({
  domain: parseName(DOMAIN),
  name: parseName(tls ? '_secure-mqtt._tcp.fleet.test' : '_mqtt._tcp.fleet.test'),
  transport: 'tcp' as const,
  tls,
  proof: NOT_JUDGED,
  fallback: false,
})

export function candidate({
  host = 'b1.fleet.test',
  port = 8883,
  addresses = ['127.0.0.1'],
  expiresAtMs = Number.MAX_SAFE_INTEGER,
  requirement = 'pkix',
  tls = true,
  facts = {},
  notes = [],
}: CandidateFacts = {}): Candidate {
  const name = parseName(host)
  return {
    target: { service: service(tls), priority: 0, weight: 0, port, host: name },
    canonicalName: name,
    addresses: addresses.map((address) => ({ family: address.includes(':') ? 6 : 4, address, proof: NOT_JUDGED })),
    facts,
    identity: { tlsaBase: undefined, serverName: name, referenceNames: [parseName(DOMAIN), name], requirement },
    standing: { rank: 0, tier: 0, because: [] },
    expiresAtMs,
    note: (entry) => notes.push(entry),
  }
}

export function planOf(
  candidates: readonly Candidate[],
  facts: Partial<Pick<Plan, 'vetoed' | 'expiresAtMs'>> = {},
): Plan {
  return {
    service: service(true),
    candidates,
    vetoed: [],
    expiresAtMs: Math.min(Number.MAX_SAFE_INTEGER, ...candidates.map(({ expiresAtMs }) => expiresAtMs)),
    trace: [],
    [Symbol.iterator]: () => candidates[Symbol.iterator](),
    ...facts,
  }
}

/** A discovery that gives these, and counts how often it was begun. */
export function discovering(
  candidates: readonly Candidate[],
  plan: Plan = planOf(candidates),
): Discover & { begun: number } {
  const discover = Object.assign(
    async function* () {
      discover.begun++
      yield* candidates
      return plan
    },
    { begun: 0 },
  )
  return discover
}

/** An attempt at the first address of a candidate (or another) that failed. */
export function failure(
  of: Candidate,
  code: AttemptCode = 'mqtt/unreachable',
  facts: Partial<AttemptFacts> & { readonly address?: string } = {},
): AttemptError {
  const { host, port } = of.target
  const address = facts.address ?? of.addresses[0]?.address
  return new AttemptError(code, { host, port, address }, 'failed for the test', { atMs: 0, ...facts })
}
