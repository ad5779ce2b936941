/** How long a reply may be used: TTLs, the SOA's word on absence (RFC 2308 §5), and until when its proofs hold. */
import { isAtOrBelow, isPortolanError, type Name, nameFromWire, type Reply, type Rrset } from '@portolan/core'
import { followAliases } from './aliases.ts'
import { NOERROR } from './rcode.ts'

const SOA = 6

export interface LifetimeLimits {
  /** Default 86,400: a day, after which even a much longer TTL is asked for again. */
  readonly maxTtlSeconds?: number | undefined
  /** Default 10,800: RFC 2308 §5 found one to three hours to work well. */
  readonly maxNegativeTtlSeconds?: number | undefined
}

/**
 * Until when a reply with response code NOERROR or NXDOMAIN holds, in the milliseconds of `nowMs`. Equal to `nowMs` where
 * it may not be kept at all: TTL 0, or an absence that names no SOA and that nobody proved (RFC 2308 §5).
 */
export function expiryOf(reply: Reply, nowMs: number, limits: LifetimeLimits = {}): number {
  const { maxTtlSeconds = 86_400, maxNegativeTtlSeconds = 10_800 } = limits
  const { end, hops, rrset } = followAliases(reply.answer, reply.query.name, reply.query.type)
  const seconds = reply.answer.flatMap(({ records }) => records.map(({ ttlSeconds }) => ttlSeconds))
  const ends = [...reply.answer, reply, ...(reply.denial ? [reply.denial] : [])].map(
    ({ proof }) => proof?.validUntilMs ?? Infinity,
  )
  // A chain that ends in neither records nor an absence is only a beginning, and lives as such.
  const isBeginning =
    reply.denial === undefined &&
    (reply.proof !== undefined ||
      (hops.length > 0 && reply.rcode === NOERROR && soaFor(reply.authority, end) === undefined))
  const isNegative = rrset === undefined && !isBeginning
  if (isNegative) {
    const proved = reply.denial?.proof.security === 'secure' ? Infinity : 0
    seconds.push(Math.min(negativeTtlSeconds(reply.authority, end) ?? proved, maxNegativeTtlSeconds))
  }
  const ttlSeconds = seconds.reduce((least, one) => Math.min(least, one), maxTtlSeconds)
  return Math.max(nowMs, Math.min(nowMs + ttlSeconds * 1_000, reply.expiresAtMs ?? Infinity, ...ends))
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its MINIMUM; `undefined` where no SOA above the name came. */
function negativeTtlSeconds(authority: readonly Rrset[], end: Name): number | undefined {
  const [record] = soaFor(authority, end)?.records ?? []
  if (record === undefined) return undefined
  const minimum = soaMinimum(record.rdata)
  return minimum === undefined ? undefined : Math.min(record.ttlSeconds, minimum)
}

/** The SOA of a zone that `name` may be in: what marks an absence as one, not a referral (RFC 2308 §2.2). */
export function soaFor(authority: readonly Rrset[], name: Name): Rrset | undefined {
  return authority.find(({ type, owner, records }) => type === SOA && records.length > 0 && isAtOrBelow(name, owner))
}

function soaMinimum(rdata: Uint8Array): number | undefined {
  try {
    const { end } = nameFromWire(rdata, nameFromWire(rdata).end)
    if (rdata.length !== end + 20) return undefined
    return new DataView(rdata.buffer, rdata.byteOffset, rdata.length).getUint32(end + 16)
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return undefined
  }
}
