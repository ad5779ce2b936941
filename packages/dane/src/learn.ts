/** Asks for the TLSA of a target and passes them through the gates of RFC 7673 §3: everything on the way must be secure. */
import {
  type Answer,
  type CallOptions,
  isPortolanError,
  type Lookup,
  type LookupError,
  type Name,
  NOT_JUDGED,
  type PluginContext,
  prefixed,
  type Secure,
  type TargetInspection,
  type Usable,
} from '@portolan/core'
import type { DaneFact, DaneMode, Gate, SecurePresent } from './fact.ts'
import { formatTlsa, TLSA, type Tlsa } from './tlsa.ts'
import { sortByUsability, type UsabilityOptions } from './usability.ts'

export interface LearnSettings {
  readonly mode: DaneMode
  readonly usability: UsabilityOptions
}

/**
 * TLSA of the host are asked for beside its addresses; the answer is thrown away where the addresses turn out not to be
 * secure (RFC 7673 §3.2), a failure too. TLSA of the end of a secure alias chain count first (RFC 7671 §7).
 */
export async function learn(
  target: TargetInspection,
  context: PluginContext,
  settings: LearnSettings,
): Promise<DaneFact> {
  const { service, host, port } = target
  const owner = tlsaOwner(host, port, service.transport)
  const nothingAsked = { mode: settings.mode, owner, expiresAtMs: Infinity }
  if (service.proof.security !== 'secure') return unproved('srv', service.proof, nothingAsked)
  const atHost = ask(owner, context.lookup, context)
  const { canonicalName, aliases, addresses, expiresAtMs } = await target.addresses()
  const weakAlias = aliases.map((alias) => alias.proof).find(isUnproved)
  if (weakAlias) return unproved('alias', weakAlias, { ...nothingAsked, expiresAtMs })
  if (!addresses.some(({ proof }) => proof.security === 'secure')) {
    const weakAddress = addresses.map(({ proof }) => proof).find(isUnproved)
    return unproved('address', weakAddress ?? NOT_JUDGED, { ...nothingAsked, expiresAtMs })
  }
  if (canonicalName !== host) {
    const expanded = tlsaOwner(canonicalName, port, service.transport)
    const fact = await factOf(await ask(expanded, context.lookup, context), canonicalName, expanded, settings)
    if (fact.state === 'secure-present' || fact.state === 'failed') return fact
  }
  return factOf(await atHost, host, owner, settings)
}

/** Asks once more, past all caches, where a fact came from. */
export async function askAgain(
  { base, owner }: SecurePresent,
  lookup: Lookup,
  settings: LearnSettings,
  signal: AbortSignal | undefined,
): Promise<DaneFact> {
  return factOf(await ask(owner, lookup, { signal, pastCache: true }), base, owner, settings)
}

export function haveSameRecords(fact: SecurePresent, other: DaneFact): boolean {
  return other.state === 'secure-present' && recordsOf(other) === recordsOf(fact)
}

/** Order means nothing in an RRset (RFC 2181 §5). */
function recordsOf({ records }: SecurePresent): string {
  return records.map(formatTlsa).sort().join('\n')
}

/** RFC 6698 §3: `_8883._tcp.host`. */
export function tlsaOwner(base: Name, port: number, transport: 'tcp' | 'udp'): Name {
  return prefixed(`_${port}._${transport}`, base)
}

type Asked = { readonly answer: Answer<Tlsa> } | { readonly error: LookupError } | { readonly thrown: unknown }

/** Never rejects, since it may be left unawaited. */
async function ask(owner: Name, lookup: Lookup, { signal, pastCache }: CallOptions): Promise<Asked> {
  try {
    return { answer: await lookup(owner, TLSA, { signal, pastCache }) }
  } catch (thrown) {
    return isLookupError(thrown) ? { error: thrown } : { thrown }
  }
}

/** By name: another copy of core may have made it. */
function isLookupError(thrown: unknown): thrown is LookupError {
  return isPortolanError(thrown) && thrown.name === 'LookupError'
}

async function factOf(asked: Asked, base: Name, owner: Name, settings: LearnSettings): Promise<DaneFact> {
  const { mode } = settings
  if ('thrown' in asked) throw asked.thrown
  if ('error' in asked) {
    const code = asked.error.security === 'bogus' ? 'dane/lookup-bogus' : 'dane/lookup-failed'
    return { state: 'failed', code, error: asked.error, mode, owner, expiresAtMs: Infinity }
  }
  const { answer } = asked
  const common = { mode, owner, expiresAtMs: answer.expiresAtMs }
  if (answer.proof.security !== 'secure') return unproved('tlsa', answer.proof, common)
  // Records that cannot be decoded are records: unusable ones.
  if (answer.records.length === 0 && answer.malformed.length === 0) {
    return { state: 'secure-absent', absence: answer.absence ?? 'nodata', proof: answer.proof, ...common }
  }
  const { usable, unusable } = sortByUsability(answer.records, settings.usability)
  const { records, proof } = answer
  return { state: 'secure-present', base, records, usable: usable.length, unusable, proof, ...common }
}

type Open = Exclude<Usable, Secure>

function isUnproved(proof: Usable): proof is Open {
  return proof.security !== 'secure'
}

function unproved(gate: Gate, proof: Open, common: Pick<DaneFact, 'mode' | 'owner' | 'expiresAtMs'>): DaneFact {
  return proof.security === 'insecure'
    ? { state: 'insecure', gate, proof, ...common }
    : { state: 'indeterminate', gate, proof, ...common }
}
