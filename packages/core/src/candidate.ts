/** From a settled target to a candidate, or to the reason why it is none. */
import { DiscoveryError, Veto } from './errors.ts'
import type { Settled } from './group.ts'
import { identity } from './identity.ts'
import { isVeto } from './inspection.ts'
import { displayName, type Name } from './name.ts'
import type { Candidate, PeerAuthentication, Plugin, Service, VetoedTarget } from './plugin.ts'

/** @returns the first veto in the order of the plugins, after that of the addresses */
export function candidateOf(
  { target, addresses, outcomes, tier, because, expiresAtMs }: Settled,
  rank: number,
  plugins: readonly Plugin[],
  trustInsecureTargets: boolean,
  note: Candidate['note'],
): Candidate | Veto {
  if (isVeto(addresses)) return addresses
  const facts: Record<string, unknown> = {}
  let authentication: PeerAuthentication | undefined
  for (const { name, authentication: read } of plugins) {
    const outcome = outcomes.get(name)
    if (outcome === undefined) continue
    if ('veto' in outcome) return outcome.veto
    facts[name] = outcome.fact
    authentication ??= read?.(outcome.fact)
  }
  const { service, host } = target
  const names = identity({
    domain: service.domain,
    host,
    srv: service.proof.security,
    addresses: addresses.proof.security,
    tlsa: authentication?.tlsa ?? 'not-asked',
    tlsaBase: authentication?.tlsaBase,
    mode: authentication?.mode ?? 'off',
    trustInsecureTargets,
  })
  if (!service.tls && authentication?.tlsa === 'usable') {
    return new Veto(
      'core/plaintext-where-tls-is-proved',
      `${displayName(host)} port ${target.port} has secure TLSA records, so it is TLS or nothing (RFC 7673 §3.4)`,
    )
  }
  const standing = { rank, tier, because }
  const { canonicalName } = addresses
  return { target, canonicalName, addresses: addresses.addresses, facts, identity: names, standing, expiresAtMs, note }
}

/** A message is for people; `vetoed` has all. */
const VETOES_SPELT_OUT = 3

/** What to say when every target was struck out. */
export function nothingUsable(domain: Name, service: Service, vetoed: readonly VetoedTarget[]): DiscoveryError {
  const [only] = vetoed
  const where = { domain, service: service.name, cause: only?.cause }
  if (service.fallback && only?.code === 'core/no-such-host') {
    return new DiscoveryError('core/no-such-domain', `${displayName(domain)} does not exist`, where)
  }
  if (service.fallback && only?.code === 'core/no-address') {
    const nothing = `${displayName(domain)} has neither SRV records at ${displayName(service.name)} nor an address of its own`
    return new DiscoveryError('core/no-service', `${nothing}: it offers no MQTT broker`, where)
  }
  const each = vetoed.slice(0, VETOES_SPELT_OUT).map(({ target, code, cause }) => {
    const why = cause instanceof Error ? cause.message : code
    return `\n  ${displayName(target.host)}:${target.port}: ${why}`
  })
  if (vetoed.length > VETOES_SPELT_OUT) each.push(`\n  and ${vetoed.length - VETOES_SPELT_OUT} more, in \`vetoed\``)
  return new DiscoveryError(
    'core/no-usable-candidate',
    `${vetoed.length === 1 ? 'the only broker' : `none of the ${vetoed.length} brokers`} of ${displayName(domain)} can${vetoed.length === 1 ? 'not' : ''} be used:${each.join('')}`,
    { ...where, vetoed: vetoed.map(({ target: { host, port }, code, cause }) => ({ host, port, code, cause })) },
  )
}
