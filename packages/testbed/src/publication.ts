/** What a zone says about a broker: A, SRV, LOC and TLSA at the names where discovery asks for them. */
import { A, type Name, prefixed, SRV } from '@portolan/core'
import { LOC } from '@portolan/loc'
import { octets } from './record-types.ts'
import type { Zone } from './zone.ts'

/** The shape of W3C GeolocationCoordinates: degrees, metres; accuracy is a radius. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
  readonly altitude?: number | null | undefined
  readonly accuracy?: number | null | undefined
}

/** The zone in which a name lies. */
export type ZoneFinder = (name: Name) => Zone

/** Rdata as octets: the codec belongs to the package that proves certificates, which a DNS server does not need. */
const TLSA = octets(52)
const SERVICE_LABELS = '_secure-mqtt._tcp'
const DEFAULT_ACCURACY_METRES = 1000

export function publishAddress(zones: ZoneFinder, host: Name, address: string): void {
  zones(host).replace(host, A, [address])
}

export function publishService(
  zones: ZoneFinder,
  domain: Name,
  target: { readonly host: Name; readonly port: number; readonly priority: number; readonly weight: number },
): void {
  const { host, port, priority, weight } = target
  const owner = serviceOwner(domain)
  zones(owner).add(owner, SRV, { priority, weight, port, target: host })
}

/** LOC has diameters where a position has a radius (RFC 1876 §2). */
export function publishPosition(zones: ZoneFinder, owner: Name, { latitude, longitude, ...rest }: Position): void {
  const loc = {
    latitude,
    longitude,
    altitudeMetres: rest.altitude ?? 0,
    sizeMetres: 1,
    horizontalPrecisionMetres: 2 * (rest.accuracy ?? DEFAULT_ACCURACY_METRES),
    verticalPrecisionMetres: 10,
  }
  zones(owner).replace(owner, LOC, [loc])
}

export function publishTlsa(zones: ZoneFinder, host: Name, port: number, rdata: Uint8Array): void {
  const owner = prefixed(`_${port}._tcp`, host)
  zones(owner).replace(owner, TLSA, [rdata])
}

/** `_secure-mqtt._tcp` below a domain: 8883's registered name (RFC 6335). */
export function serviceOwner(domain: Name): Name {
  return prefixed(SERVICE_LABELS, domain)
}
