/** Trust anchors: the DS or DNSKEY records that everything is proved from (RFC 4033 §2, RFC 9718). */
import { InvalidOptionError, type Name, parseName } from '@portolan/core'
import { DNSKEY } from './records/dnskey.ts'
import type { Ds } from './records/ds.ts'

/** The root's KSK-2017 and KSK-2024, as IANA publishes them (https://data.iana.org/root-anchors/root-anchors.xml). */
export const ROOT_ANCHORS: readonly string[] = [
  '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D',
  '. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16',
]

/** What is trusted of one zone. */
export interface TrustAnchor {
  readonly zone: Name
  readonly ds: readonly Ds[]
  /** Rdata of whole keys. */
  readonly dnskeys: readonly Uint8Array[]
}

export type TrustAnchors = ReadonlyMap<Name, TrustAnchor>

/**
 * Reads lines in presentation form, such as `example. 3600 IN DS 12345 13 2 0123…`; TTL, class and comments are optional.
 * @throws InvalidOptionError
 */
export function parseTrustAnchors(anchors: readonly (string | TrustAnchor)[]): TrustAnchors {
  const zones = new Map<Name, TrustAnchor>()
  const add = ({ zone, ds, dnskeys }: TrustAnchor) => {
    if (ds.length + dnskeys.length === 0) {
      throw new InvalidOptionError('trustAnchors', `the anchor of ${zone} has neither a DS nor a DNSKEY`)
    }
    const known = zones.get(zone)
    zones.set(zone, { zone, ds: [...(known?.ds ?? []), ...ds], dnskeys: [...(known?.dnskeys ?? []), ...dnskeys] })
  }
  for (const anchor of anchors) {
    if (typeof anchor !== 'string') add({ ...anchor, zone: zoneOf(anchor.zone, anchor.zone) })
    else for (const line of anchor.split('\n').map(withoutComment)) if (line !== '') add(parseLine(line))
  }
  return zones
}

function withoutComment(line: string): string {
  return line.replace(/;.*$/, '').trim()
}

const LINE =
  /^(?<owner>\S+)\s+(?:\d+\s+)?(?:IN\s+)?(?:\d+\s+)?(?<type>DS|DNSKEY)\s+(?<a>\d+)\s+(?<b>\d+)\s+(?<c>\d+)\s+(?<data>.+)$/i

function parseLine(line: string): TrustAnchor {
  const { owner, type, a, b, c, data } = LINE.exec(line)?.groups ?? {}
  if (owner === undefined || type === undefined || data === undefined) {
    throw new InvalidOptionError('trustAnchors', `${JSON.stringify(line)} is no DS or DNSKEY record`)
  }
  const fields = { first: bounded(a, 65_535, line), second: bounded(b, 255, line), third: bounded(c, 255, line) }
  const zone = zoneOf(owner, line)
  if (type.toUpperCase() === 'DS') {
    const ds = { keyTag: fields.first, algorithm: fields.second, digestType: fields.third, digest: hex(data, line) }
    return { zone, ds: [ds], dnskeys: [] }
  }
  const [flags, protocol, algorithm] = [fields.first, fields.second, fields.third]
  return { zone, ds: [], dnskeys: [DNSKEY.encode({ flags, protocol, algorithm, publicKey: base64(data, line) })] }
}

function zoneOf(owner: string, line: string): Name {
  try {
    return parseName(owner)
  } catch (cause) {
    throw new InvalidOptionError('trustAnchors', `${owner} is no name in ${JSON.stringify(line)}`, { cause })
  }
}

function bounded(text: string | undefined, max: number, line: string): number {
  const value = Number(text)
  if (!(value <= max)) throw new InvalidOptionError('trustAnchors', `${text} is too large in ${JSON.stringify(line)}`)
  return value
}

function hex(text: string, line: string): Uint8Array {
  const digits = text.replace(/\s/g, '')
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) {
    throw new InvalidOptionError('trustAnchors', `the digest is not hexadecimal in ${JSON.stringify(line)}`)
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function base64(text: string, line: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replace(/\s/g, '')), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new InvalidOptionError('trustAnchors', `the key is not base64 in ${JSON.stringify(line)}`, { cause })
  }
}
