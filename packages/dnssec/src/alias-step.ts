/** The next RRset of an alias chain inside one answer (RFC 1034 §3.6.2, RFC 6672 §3): pure, nothing is judged here. */
import { CNAME, DNAME, isAtOrBelow, isPortolanError, type Name, type Rrset, substituted } from '@portolan/core'
import type { Fault } from './reasons.ts'

/** One RRset of the chain, and where it leads if it is an alias. */
export interface ChainStep {
  readonly rrset: Rrset
  readonly via?: 'CNAME' | 'DNAME'
  readonly target?: Name
}

/** An alias that leads nowhere: several of them, or none that is a name. */
export interface FaultyStep {
  readonly rrset: Rrset
  readonly fault: Fault
}

/** A DNAME above goes first: a CNAME beside it can only be its synthesis, and is made anew (RFC 6672 §5.3.1). */
export function nextStep(answer: readonly Rrset[], at: Name, type: number): ChainStep | FaultyStep | undefined {
  const own = (wanted: number) => {
    return answer.find((one) => one.type === wanted && one.owner === at && one.records.length > 0)
  }
  const cname = own(CNAME.code)
  const dname = dnameAbove(answer, at)
  if (dname !== undefined) {
    // One CNAME follows from a DNAME, and a second one follows from nothing (RFC 2181 §10.1).
    if (cname !== undefined && cname.records.length > 1) return notOneName('CNAME', cname)
    return aliasStep(dname, 'DNAME', (target) => substituted(at, dname.owner, target))
  }
  const records = own(type)
  if (records !== undefined) {
    return type === CNAME.code && records.records.length > 1 ? notOneName('CNAME', records) : { rrset: records }
  }
  return cname === undefined ? undefined : aliasStep(cname, 'CNAME', (target) => target)
}

export function dnameAbove(answer: readonly Rrset[], name: Name): Rrset | undefined {
  return answer.find(({ owner, type, records }) => {
    return type === DNAME.code && records.length > 0 && owner !== name && isAtOrBelow(name, owner)
  })
}

function aliasStep(
  rrset: Rrset,
  via: 'CNAME' | 'DNAME',
  resolve: (target: Name) => Name | undefined,
): ChainStep | FaultyStep {
  const [record, second] = rrset.records
  const malformed = notOneName(via, rrset)
  if (record === undefined || second !== undefined) return malformed
  try {
    const target = resolve(CNAME.decode(record.rdata))
    return target === undefined ? malformed : { rrset, via, target }
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return malformed
  }
}

function notOneName(via: 'CNAME' | 'DNAME', rrset: Rrset): FaultyStep {
  return { rrset, fault: { reason: 'malformed-alias', detail: `the ${via} at ${rrset.owner} is not one name` } }
}

/** The CNAME that follows from a DNAME (RFC 6672 §3.1); it has no signature, its proof is the DNAME's. */
export function synthesised(owner: Name, target: Name, dname: Rrset): Rrset {
  const ttlSeconds = dname.records[0]?.ttlSeconds ?? 0
  const ownerOctets = CNAME.encode(owner)
  const record = { ownerOctets, type: CNAME.code, ttlSeconds, rdata: CNAME.encode(target) }
  return { owner, type: CNAME.code, records: [record], signatures: [] }
}
