/** From a service domain to its SRV targets (RFC 2782), and what it means when there are none. */
import type { Answer, Lookup } from './answer.ts'
import { DiscoveryError, InvalidOptionError, isPortolanError, LookupError } from './errors.ts'
import { displayName, type Name, prefixed, ROOT } from './name.ts'
import type { Service, Target } from './plugin.ts'
import { SRV, type Srv } from './srv.ts'
import type { Note } from './trace.ts'

/** What is asked for below a domain: `_name._transport`. */
export interface ServiceType {
  /** As registered with IANA, without the underscore. */
  readonly name: string
  readonly transport: 'tcp' | 'udp'
  readonly tls: boolean
  /** Where the domain itself stands in for missing SRV records. */
  readonly defaultPort: number
}

/** MQTT over TLS, as registered. (`_mqtts` is not.) */
export const SECURE_MQTT: ServiceType = { name: 'secure-mqtt', transport: 'tcp', tls: true, defaultPort: 8883 }
/** MQTT in plaintext, as registered. */
export const MQTT: ServiceType = { name: 'mqtt', transport: 'tcp', tls: false, defaultPort: 1883 }

/** A service that answered: its targets, none dropped but those that name nothing. */
export interface Offer {
  readonly service: Service
  readonly targets: readonly Target[]
  readonly expiresAtMs: number
}

/**
 * The SRV owner of a service below a domain.
 * @throws InvalidOptionError for a name that RFC 6335 §5.1 does not allow
 */
export function serviceName(type: ServiceType, domain: Name): Name {
  if (!/^(?=.{1,15}$)[a-z0-9]+(-[a-z0-9]+)*$/i.test(type.name)) {
    throw new InvalidOptionError(
      'service',
      `${JSON.stringify(type.name)} is no service name (RFC 6335 §5.1), such as "secure-mqtt"`,
    )
  }
  return prefixed(`_${type.name}._${type.transport}`, domain)
}

/**
 * Asks for SRV. A fallback to the domain itself only follows an answer that says "no such records"; a failed or bogus
 * answer ends discovery (RFC 7673 §3.1).
 * @throws DiscoveryError `core/service-not-offered`, `core/service-lookup-failed`, `core/service-bogus`
 */
export async function findOffer(
  domain: Name,
  type: ServiceType,
  lookup: Lookup,
  signal: AbortSignal,
  note: Note,
): Promise<Offer> {
  const name = serviceName(type, domain)
  const answer = await lookup(name, SRV, { signal }).catch((cause: unknown) => {
    throw cause instanceof LookupError || isPortolanError(cause) ? lookupFailed(domain, name, cause) : cause
  })
  for (const { owner, target, via, proof } of answer.aliases) {
    note({ subject: owner, type: via, code: 'alias-followed', proof, detail: `stands for ${displayName(target)}` })
  }
  for (const error of answer.malformed) {
    note({
      subject: name,
      type: 'SRV',
      code: 'srv-malformed',
      detail: error instanceof Error ? error.message : String(error),
    })
  }
  if (answer.records.length === 0 && answer.malformed.length > 0) {
    throw new DiscoveryError(
      'core/service-lookup-failed',
      `none of the SRV records at ${displayName(name)} can be read`,
      {
        domain,
        service: name,
        cause: answer.malformed[0],
      },
    )
  }
  return answer.records.length === 0
    ? fallback(domain, type, name, answer, note)
    : offered(domain, type, name, answer, note)
}

function offered(domain: Name, type: ServiceType, name: Name, answer: Answer<Srv>, note: Note): Offer {
  const { records, proof, expiresAtMs } = answer
  note({
    subject: name,
    type: 'SRV',
    code: 'srv-answered',
    proof,
    detail: `${records.length} ${records.length === 1 ? 'target' : 'targets'}`,
  })
  const named = records.filter(({ target }) => target !== ROOT)
  if (named.length === 0) {
    throw new DiscoveryError(
      'core/service-not-offered',
      `${displayName(domain)} says that it does not offer ${type.name}: its only SRV target is "." (RFC 2782)`,
      { domain, service: name },
    )
  }
  if (named.length < records.length) {
    note({ subject: name, type: 'SRV', code: 'srv-dot-dropped', detail: 'the target "." means nothing beside others' })
  }
  const service: Service = { domain, name, transport: type.transport, tls: type.tls, proof, fallback: false }
  const targets = named.map(({ priority, weight, port, target }) => ({ service, priority, weight, port, host: target }))
  return { service, targets, expiresAtMs }
}

function fallback(domain: Name, type: ServiceType, name: Name, answer: Answer<Srv>, note: Note): Offer {
  const { proof, expiresAtMs, absence } = answer
  note({ subject: name, type: 'SRV', code: 'srv-absent', proof, detail: `no such records (${absence ?? 'nodata'})` })
  note({ subject: domain, code: 'fallback', detail: `the domain itself on port ${type.defaultPort}` })
  const service: Service = { domain, name, transport: type.transport, tls: type.tls, proof, fallback: true }
  return { service, targets: [{ service, priority: 0, weight: 0, port: type.defaultPort, host: domain }], expiresAtMs }
}

function lookupFailed(domain: Name, service: Name, cause: Error): DiscoveryError {
  const where = { domain, service, cause }
  const name = displayName(service)
  if (!(cause instanceof LookupError)) {
    return new DiscoveryError('core/service-lookup-failed', `the lookup of ${name} failed: ${cause.message}`, where)
  }
  const asked = cause.server === undefined ? '' : ` (asked ${cause.server})`
  // At the end of an alias, the question that failed is another one than was asked.
  const why = cause.owner === service ? `${cause.why}${asked}` : cause.message
  return cause.security === 'bogus'
    ? new DiscoveryError('core/service-bogus', `the answer about ${name} cannot be trusted: ${why}`, where)
    : new DiscoveryError('core/service-lookup-failed', `nobody answered about ${name}: ${why}`, where)
}
