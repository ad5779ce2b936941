/**
 * Finds what a recursive server would answer from a tree of zones (RFC 1034 §4.3.2, RFC 4592 for wildcards, RFC 6672 for
 * DNAME), with the NSEC proofs of RFC 4035 §3.1.3.
 */
import { isAtOrBelow, type Name, nameFromWire, nameToWire, parentOf, prefixed, substituted } from '@portolan/core'
import { TYPE } from './record-types.ts'
import type { ServedZone } from './served-zone.ts'
import type { StoredRrset } from './zone-data.ts'

/** An RRset in an answer. */
export interface ShownRrset {
  /** As the answer shows it: the name asked for, where a wildcard was expanded. */
  readonly owner: Name
  readonly stored: StoredRrset
  /** Who signs it; absent for what nobody signs: a CNAME made from a DNAME, a delegation's NS. */
  readonly signer?: ServedZone | undefined
}

export interface Finding {
  readonly rcode: number
  readonly answer: readonly ShownRrset[]
  readonly authority: readonly ShownRrset[]
}

export interface ZoneTree {
  /** The deepest zone that the name lies in; for DS the one above the cut (RFC 4035 §3.1.4.1). */
  zoneOf(name: Name, type: number): ServedZone
}

const NOERROR = 0
const NXDOMAIN = 3
const YXDOMAIN = 6
/** A loop, or more aliases in a row than this, ends the answer there: the client sees an unfinished chain. */
const MAX_ALIASES = 16

/** Follows aliases through all zones of the tree; each loop is one name in one zone. */
export function lookUp(tree: ZoneTree, name: Name, type: number): Finding {
  const answer: ShownRrset[] = []
  const authority: ShownRrset[] = []
  const visited = new Set<Name>()
  let at = name
  while (!visited.has(at) && visited.size <= MAX_ALIASES) {
    visited.add(at)
    const step = stepOf(tree.zoneOf(at, type), at, type)
    answer.push(...step.answer)
    authority.push(...step.authority.filter((shown) => !authority.some(({ stored }) => stored === shown.stored)))
    if (step.continueAt === undefined) return { rcode: step.rcode, answer, authority }
    at = step.continueAt
  }
  return { rcode: NOERROR, answer, authority }
}

interface Step extends Finding {
  readonly continueAt?: Name | undefined
}

function stepOf(zone: ServedZone, name: Name, type: number): Step {
  const { data } = zone
  if (data.exists(name)) return atName(zone, name, name, type, [])
  const redirection = closestDname(zone, name)
  if (redirection !== undefined) return throughDname(zone, name, redirection)
  const denial = shown(zone, [zone.covering(name)])
  const wildcard = prefixed('*', closestEncloser(zone, name))
  if (data.exists(wildcard)) return atName(zone, name, wildcard, type, denial)
  const denials = shown(zone, [zone.covering(name), zone.covering(wildcard)])
  return { rcode: NXDOMAIN, answer: [], authority: [...soaOf(zone), ...unique(denials)] }
}

/**
 * Answers from an owner that exists.
 * @param owner where the records stand: the name itself, or the wildcard that stands for it
 * @param expansion proof that no closer name exists, where the owner is a wildcard (RFC 4035 §3.1.3.3)
 */
function atName(zone: ServedZone, name: Name, owner: Name, type: number, expansion: readonly ShownRrset[]): Step {
  const found = type === TYPE.ANY ? zone.all(owner) : [zone.find(owner, type)].filter((rrset) => rrset !== undefined)
  if (found.length > 0) {
    return { rcode: NOERROR, answer: found.map((rrset) => show(zone, rrset, name)), authority: expansion }
  }
  const alias = zone.data.find(owner, TYPE.CNAME)
  if (alias !== undefined) {
    const target = nameFromWire(alias.rdatas[0] as Uint8Array).name
    return { rcode: NOERROR, answer: [show(zone, alias, name)], authority: expansion, continueAt: target }
  }
  const proof = shown(zone, [zone.matching(owner) ?? zone.covering(owner)])
  return { rcode: NOERROR, answer: [], authority: [...soaOf(zone), ...unique([...proof, ...expansion])] }
}

/** RFC 6672 §3.2: the DNAME, and an unsigned CNAME for those who do not know DNAME. */
function throughDname(zone: ServedZone, name: Name, dname: StoredRrset): Step {
  const answer = [show(zone, dname, dname.owner)]
  const target = substitutedOrTooLong(name, dname)
  if (target === undefined) return { rcode: YXDOMAIN, answer, authority: [] }
  const cname = { owner: name, type: TYPE.CNAME, ttlSeconds: dname.ttlSeconds, rdatas: [nameToWire(target)] }
  return { rcode: NOERROR, answer: [...answer, { owner: name, stored: cname }], authority: [], continueAt: target }
}

function substitutedOrTooLong(name: Name, dname: StoredRrset): Name | undefined {
  try {
    return substituted(name, dname.owner, nameFromWire(dname.rdatas[0] as Uint8Array).name)
  } catch {
    return undefined
  }
}

function closestDname(zone: ServedZone, name: Name): StoredRrset | undefined {
  for (let at = parentOf(name); at !== undefined && isAtOrBelow(at, zone.data.apex); at = parentOf(at)) {
    const dname = zone.data.find(at, TYPE.DNAME)
    if (dname !== undefined) return dname
  }
  return undefined
}

/** RFC 4592 §3.3.1: the deepest ancestor that exists; at the latest the apex. */
function closestEncloser(zone: ServedZone, name: Name): Name {
  const parent = parentOf(name)
  if (parent === undefined || parent === zone.data.apex || zone.data.exists(parent)) return parent ?? name
  return closestEncloser(zone, parent)
}

function soaOf(zone: ServedZone): readonly ShownRrset[] {
  return shown(zone, [zone.data.find(zone.data.apex, TYPE.SOA)])
}

function shown(zone: ServedZone, rrsets: readonly (StoredRrset | undefined)[]): readonly ShownRrset[] {
  return rrsets.filter((rrset) => rrset !== undefined).map((rrset) => show(zone, rrset, rrset.owner))
}

function show(zone: ServedZone, stored: StoredRrset, owner: Name): ShownRrset {
  return { owner, stored, signer: zone.signs(stored) ? zone : undefined }
}

function unique(rrsets: readonly ShownRrset[]): readonly ShownRrset[] {
  return rrsets.filter(({ stored }, index) => rrsets.findIndex((other) => other.stored === stored) === index)
}
