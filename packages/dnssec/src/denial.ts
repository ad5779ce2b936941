/** Whether verified denial records prove an absence, and how strongly (RFC 4035 §5.4, RFC 5155 §8, RFC 9276 §3.2). */
import { isAtOrBelow, type Name, selfAndAncestors } from '@portolan/core'
import type { Evidence, Nsec3Record, NsecRecord } from './evidence.ts'
import { type DenialFinding, nsecDenial, nsecProvesExpansion } from './nsec.ts'
import { iterationsFault, nsec3Denial, nsec3ProvesExpansion } from './nsec3.ts'
import type { Fault } from './reasons.ts'
import { DS } from './records/ds.ts'
import { OPT_OUT_FLAG } from './records/nsec3.ts'
import { isDelegation } from './types-at-name.ts'
import type { Work } from './work.ts'

export type DenialRecord = NsecRecord | Nsec3Record

export type DenialVerdict =
  | {
      readonly security: 'secure'
      readonly kind: 'nodata' | 'nxdomain'
      readonly records: readonly DenialRecord[]
      readonly types?: ReadonlySet<number> | undefined
      readonly isLikeNxdomain?: boolean | undefined
    }
  | {
      readonly security: 'insecure'
      /** `undefined` where the records were not looked into. */
      readonly kind: 'nodata' | 'nxdomain' | undefined
      /** Holds only if the DS question says the same. */
      readonly isOpen?: boolean | undefined
      readonly records: readonly DenialRecord[]
      readonly fault: Fault
    }
  | { readonly security: 'bogus'; readonly fault: Fault }

/** Of `type` at `name`. NSEC first: a zone that is moving to NSEC3 may send both (RFC 5155 §10.4), either is enough. */
export async function judgeDenial(evidence: Evidence, name: Name, type: number, work: Work): Promise<DenialVerdict> {
  const { zone, nsec, nsec3 } = evidence
  const byNsec = nsecDenial(nsec, name, type, zone)
  // The lenience is for servers of zones that have NSEC alone, as unbound and delv have it.
  const isLikeNxdomain = byNsec?.isLikeNxdomain === true && nsec3.length === 0
  if (byNsec !== undefined) return { security: 'secure', ...byNsec, isLikeNxdomain }
  const unusable = nsec3Unusable(evidence, work)
  if (unusable !== undefined) return unusable
  if (nsec3.length > 0) {
    const answer = await nsec3Denial(nsec3, name, type, zone, work)
    if ('fault' in answer) return { security: 'bogus', fault: answer.fault }
    if (answer.finding !== undefined) return strength(answer.finding, zone)
  }
  return { security: 'bogus', fault: insufficient(evidence, `does not prove the absence of ${name}`) }
}

/** That the wildcard whose parent has `encloserLabels` labels was the right answer for `name`. */
export async function judgeExpansion(
  evidence: Evidence,
  name: Name,
  encloserLabels: number,
  work: Work,
): Promise<DenialVerdict> {
  const { zone, nsec, nsec3 } = evidence
  const byNsec = nsecProvesExpansion(nsec, name, encloserLabels, zone)
  if (byNsec !== undefined) return { security: 'secure', kind: 'nxdomain', records: [byNsec] }
  const unusable = nsec3Unusable(evidence, work)
  if (unusable !== undefined) return unusable
  if (nsec3.length > 0) {
    const answer = await nsec3ProvesExpansion(nsec3, name, encloserLabels, work)
    if ('fault' in answer) return { security: 'bogus', fault: answer.fault }
    if (answer.finding !== undefined) {
      const isOptOut = (answer.finding.flags & OPT_OUT_FLAG) !== 0
      return strength({ kind: 'nxdomain', records: [answer.finding], isOptOut }, zone)
    }
  }
  const { reason, detail } = insufficient(evidence, `does not show that ${name} is absent`)
  return {
    security: 'bogus',
    fault: { reason: reason === 'denial-insufficient' ? 'wildcard-unproved' : reason, detail },
  }
}

/** RFC 9276 §3.2: nothing is hashed where the iterations are too many; but every signature must hold before they count. */
function nsec3Unusable({ nsec3, nsec3Fault, zone }: Evidence, work: Work): DenialVerdict | undefined {
  const tooMany = iterationsFault(nsec3, zone, work.limits.nsec3Iterations)
  if (tooMany === undefined) return undefined
  if (nsec3Fault !== undefined) return { security: 'bogus', fault: nsec3Fault }
  if (work.overLimitIterations === 'bogus') return { security: 'bogus', fault: tooMany }
  return { security: 'insecure', kind: undefined, records: nsec3, fault: tooMany }
}

/** RFC 5155 §9.2: what rests on opt-out must not be called authenticated. */
function strength(finding: DenialFinding<DenialRecord>, zone: Name): DenialVerdict {
  if (finding.isOptOut !== true) return { security: 'secure', ...finding }
  const fault: Fault = {
    reason: 'opt-out',
    detail: `an opt-out NSEC3 of ${zone} leaves room for an unsigned delegation`,
  }
  return { security: 'insecure', kind: finding.kind, records: finding.records, isOpen: finding.isOpen, fault }
}

function insufficient({ nsec, nsec3, fault, zone }: Evidence, what: string): Fault {
  if (nsec.length + nsec3.length > 0) return { reason: 'denial-insufficient', detail: `what ${zone} signed ${what}` }
  return (
    fault ?? { reason: 'denial-missing', detail: `no denial of ${zone} came: nothing ${what.replace('does not ', '')}` }
  )
}

/**
 * Whether the records show an unsigned delegation at `name` or above it: its parent's NS without DS, which some servers send
 * in place of a denial. What is below cannot be bogus then (RFC 4035 §4.3, §5.2).
 */
export async function judgeDelegation(evidence: Evidence, name: Name, work: Work): Promise<DenialVerdict | undefined> {
  const { zone, nsec, nsec3 } = evidence
  if (![...nsec, ...nsec3].some(({ types }) => isDelegation(types))) return undefined
  const owners = new Set(nsec.map(({ owner }) => owner))
  const below = selfAndAncestors(name).filter((at) => at !== zone && isAtOrBelow(at, zone))
  for (const at of below.reverse()) {
    // Only a record of that very name says what is there; hundreds of others need not be compared with each of its ancestors.
    const own = owners.has(at) ? nsec : []
    if (own.length + nsec3.length === 0) continue
    const verdict = await judgeDenial({ ...evidence, nsec: own }, at, DS.code, work)
    if (verdict.security === 'secure' && verdict.types !== undefined && isDelegation(verdict.types)) {
      const fault: Fault = { reason: 'no-ds', detail: `${zone} proves that ${at} is an unsigned delegation` }
      return { security: 'insecure', kind: undefined, records: verdict.records, fault }
    }
  }
  return undefined
}
