/** Which services of a domain take part: the one asked for, and plaintext after it where the caller allows that. */
import type { DiscoverySettings } from './discover.ts'
import { DiscoveryError } from './errors.ts'
import { handled, type PluginAtService, type Surroundings, watchedLookup } from './inspection.ts'
import type { Name } from './name.ts'
import type { Plugin } from './plugin.ts'
import { findOffer, MQTT, type Offer, type ServiceType, serviceName } from './service.ts'

/** A service that answered, with what plugins learn about it. */
export interface InspectedOffer extends Offer {
  readonly plugins: readonly PluginAtService[]
}

/**
 * Asks for SRV, and lets plugins learn about the service meanwhile.
 * @param noteExpiry is told until when what plugins were told about the service holds
 * @throws DiscoveryError
 */
export async function findOffers(
  domain: Name,
  { service, plugins, allowPlaintext }: DiscoverySettings,
  surroundings: Surroundings,
  noteExpiry: (atMs: number) => void,
): Promise<readonly InspectedOffer[]> {
  const { lookup, part, note } = surroundings
  const find = async (type: ServiceType): Promise<InspectedOffer> => {
    const { signal } = part()
    const asked = pluginsAt(plugins, { domain, name: serviceName(type, domain) }, surroundings, noteExpiry, signal)
    return { ...(await findOffer(domain, type, lookup, signal, note)), plugins: asked }
  }
  if (!allowPlaintext || !service.tls) return [await find(service)]
  const [secure, plain] = await Promise.allSettled([find(service), find(MQTT)])
  if (plain.status === 'rejected') note({ subject: domain, code: 'plaintext-failed', detail: String(plain.reason) })
  const plainOffers = plain.status === 'fulfilled' ? [plain.value] : []
  if (secure.status === 'rejected') {
    const notOffered = secure.reason instanceof DiscoveryError && secure.reason.code === 'core/service-not-offered'
    const published = plainOffers.filter((offer) => !offer.service.fallback)
    if (!notOffered || published.length === 0) throw secure.reason
    return published
  }
  // Where one of the two is published, the domain itself does not stand in for the other.
  const all = [secure.value, ...plainOffers]
  const published = all.filter((offer) => !offer.service.fallback)
  return published.length > 0 ? published : all
}

function pluginsAt(
  plugins: readonly Plugin[],
  service: { readonly domain: Name; readonly name: Name },
  { lookup, note, now, random }: Surroundings,
  noteExpiry: (atMs: number) => void,
  signal: AbortSignal,
): readonly PluginAtService[] {
  const context = { lookup: watchedLookup(lookup, noteExpiry, note), signal, now, random }
  return plugins.map((plugin) => ({
    plugin,
    serviceFact: handled(plugin.inspectService?.(service, context) ?? Promise.resolve(undefined)),
  }))
}
