/** Whether verified denial records prove an absence, and how strongly (RFC 4035 §5.4, RFC 5155 §8, RFC 9276 §3.2). */
import type { Name } from '@portolan/core'
import type { Evidence, Nsec3Record, NsecRecord } from './evidence.ts'
import { type DenialFinding, nsecDenial, nsecProvesExpansion } from './nsec.ts'
import { iterationsFault, nsec3Denial, nsec3ProvesExpansion, parameterSets } from './nsec3.ts'
import type { Fault } from './reasons.ts'
import type { Work } from './work.ts'

export type DenialRecord = NsecRecord | Nsec3Record

export type DenialVerdict =
  | {
      readonly security: 'secure'
      readonly kind: 'nodata' | 'nxdomain'
      readonly records: readonly DenialRecord[]
      readonly types?: ReadonlySet<number> | undefined
    }
  | {
      readonly security: 'insecure'
      readonly kind: 'nodata' | 'nxdomain' | undefined
      readonly records: readonly DenialRecord[]
      readonly fault: Fault
    }
  | { readonly security: 'bogus'; readonly fault: Fault }

/** Of `type` at `name`. NSEC first: a zone that is moving to NSEC3 may send both (RFC 5155 §10.4), either is enough. */
export async function judgeDenial(evidence: Evidence, name: Name, type: number, work: Work): Promise<DenialVerdict> {
  const { zone, nsec, nsec3 } = evidence
  const byNsec = nsecDenial(nsec, name, type, zone)
  if (byNsec !== undefined) return { security: 'secure', ...byNsec }
  const unusable = nsec3Unusable(evidence, work)
  if (unusable !== undefined) return unusable
  for (const records of parameterSets(nsec3)) {
    const answer = await nsec3Denial(records, name, type, zone, work)
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
  for (const records of parameterSets(nsec3)) {
    const answer = await nsec3ProvesExpansion(records, name, encloserLabels, work)
    if ('fault' in answer) return { security: 'bogus', fault: answer.fault }
    if (answer.finding !== undefined) {
      const isOptOut = (answer.finding.flags & 1) !== 0
      return strength({ kind: 'nxdomain', records: [answer.finding], isOptOut }, zone)
    }
  }
  const { reason, detail } = insufficient(evidence, `does not show that ${name} is absent`)
  return {
    security: 'bogus',
    fault: { reason: reason === 'denial-insufficient' ? 'wildcard-unproved' : reason, detail },
  }
}

/** RFC 9276 §3.2: nothing is hashed where the iterations are too many. */
function nsec3Unusable({ nsec3, zone }: Evidence, work: Work): DenialVerdict | undefined {
  const tooMany = iterationsFault(nsec3, zone, work.limits.nsec3Iterations)
  if (tooMany === undefined) return undefined
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
  return { security: 'insecure', kind: finding.kind, records: finding.records, fault }
}

function insufficient({ nsec, nsec3, fault, zone }: Evidence, what: string): Fault {
  if (nsec.length + nsec3.length > 0) return { reason: 'denial-insufficient', detail: `what ${zone} signed ${what}` }
  return (
    fault ?? { reason: 'denial-missing', detail: `no denial of ${zone} came: nothing ${what.replace('does not ', '')}` }
  )
}
