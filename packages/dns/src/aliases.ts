/** Follows the aliases that one answer holds (RFC 1034 §3.6.2, RFC 6672): pure, the verdict is a value. */
import { CNAME, DNAME, isAtOrBelow, type Name, type Rrset, substituted } from '@portolan/core'

export interface Hop {
  readonly owner: Name
  readonly target: Name
  readonly via: 'CNAME' | 'DNAME'
  /** The RRset that says so: for a DNAME the DNAME's own. */
  readonly rrset: Rrset
}

/** Why following stopped before its end. */
export interface AliasFault {
  readonly kind: 'loop' | 'too-many' | 'ambiguous' | 'malformed' | 'too-long'
  readonly owner: Name
  readonly cause?: unknown
}

export interface Walk {
  readonly hops: readonly Hop[]
  /** Where the last alias leads; the name asked for where there is none. */
  readonly end: Name
  /** The records of the type that was asked for, at the end. */
  readonly rrset?: Rrset | undefined
  readonly fault?: AliasFault | undefined
}

export interface WalkLimits {
  /** Names that earlier answers led through; what this one leads through is added. */
  readonly visited?: Set<Name> | undefined
  readonly maxHops?: number | undefined
}

export function followAliases(answer: readonly Rrset[], from: Name, type: number, limits: WalkLimits = {}): Walk {
  const { visited = new Set<Name>(), maxHops = 12 } = limits
  const hops: Hop[] = []
  for (let at = from; ; ) {
    visited.add(at)
    const rrset = answer.find((one) => one.type === type && one.owner === at && one.records.length > 0)
    if (rrset !== undefined) return { hops, end: at, rrset }
    const hop = nextHop(answer, at)
    if (hop === undefined) return { hops, end: at }
    if ('kind' in hop) return { hops, end: at, fault: hop }
    if (visited.has(hop.target)) return { hops, end: at, fault: { kind: 'loop', owner: at } }
    if (visited.size > maxHops) return { hops, end: at, fault: { kind: 'too-many', owner: at } }
    hops.push(hop)
    at = hop.target
  }
}

/** A DNAME above the name goes before a CNAME at it, which can only be the server's synthesis (RFC 6672 §3.4). */
function nextHop(answer: readonly Rrset[], at: Name): Hop | AliasFault | undefined {
  const above = answer.find(({ type, owner, records }) => {
    return type === DNAME.code && records.length > 0 && owner !== at && isAtOrBelow(at, owner)
  })
  const rrset =
    above ?? answer.find(({ type, owner, records }) => type === CNAME.code && owner === at && records.length > 0)
  const [record, second] = rrset?.records ?? []
  if (rrset === undefined || record === undefined) return undefined
  // RFC 1034 §3.6.2, RFC 6672 §2.4: one of them at a name.
  if (second !== undefined) return { kind: 'ambiguous', owner: rrset.owner }
  let target: Name
  try {
    target = CNAME.decode(record.rdata)
  } catch (cause) {
    return { kind: 'malformed', owner: rrset.owner, cause }
  }
  if (above === undefined) return { owner: at, target, via: 'CNAME', rrset }
  try {
    return { owner: at, target: substituted(at, rrset.owner, target) ?? target, via: 'DNAME', rrset }
  } catch (cause) {
    return { kind: 'too-long', owner: rrset.owner, cause }
  }
}
