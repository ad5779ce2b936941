/** Whether a zone begins at a name, by what its parent's zone answers to the DS question (RFC 4035 §5.2, RFC 6840 §4.4). */
import { CNAME, type Name, parentOf, type Reply, ROOT, type Rrset } from '@portolan/core'
import { dnameAbove } from './alias-step.ts'
import { judgeDenial, judgeExpansion } from './denial.ts'
import { evidenceOf } from './evidence.ts'
import { NXDOMAIN, rcodeFault } from './rcode.ts'
import type { Fault } from './reasons.ts'
import { DS } from './records/ds.ts'
import { isWildcardExpansion } from './signature-fields.ts'
import { firstInception } from './signed-zones.ts'
import { isDelegation } from './types-at-name.ts'
import { type Verified, verifyRrset } from './verify.ts'
import type { Work } from './work.ts'
import type { SecureZone } from './zone-state.ts'

/** What the parent's zone says of `name`, one label below what is known. */
export type Cut =
  | { readonly kind: 'child'; readonly rrset: Rrset; readonly verified: Verified }
  | { readonly kind: 'same'; readonly isBarren: boolean; readonly validUntilMs: number }
  | { readonly kind: 'insecure'; readonly why: Fault; readonly validUntilMs: number; readonly inception: number }
  | { readonly fault: Fault }

/** Judges the reply to the DS question for `name`, one label below what is known of the zone `above`. */
export async function judgeCut(above: SecureZone, name: Name, reply: Reply, work: Work): Promise<Cut> {
  const { answer, authority } = reply
  const at = (type: number) => answer.find((one) => one.owner === name && one.type === type && one.records.length > 0)
  const ds = at(DS.code)
  if (ds !== undefined) {
    const result = await verifyRrset(ds, above.zone, above.keys, work)
    if ('fault' in result) return result
    if (reply.rcode === NXDOMAIN) {
      return {
        fault: { reason: 'rcode-contradicts-proof', detail: `the server says NXDOMAIN beside the DS of ${name}` },
      }
    }
    if (!isWildcardExpansion(result.verified.rrsig, name))
      return { kind: 'child', rrset: ds, verified: result.verified }
    return { fault: { reason: 'wildcard-not-allowed', detail: `the DS of ${name} was made of a wildcard` } }
  }
  const dname = dnameAbove(answer, name)
  // A signed alias is where its zone has no cut; below a DNAME there is nothing at all (RFC 6672 §2.4).
  if (dname !== undefined) return cutAtAlias(dname, true, above, authority, work)
  const cname = at(CNAME.code)
  if (cname !== undefined) return cutAtAlias(cname, false, above, authority, work)
  return cutByDenial(above, name, reply, work)
}

/** Who answers so holds no cut there, even where opt-out keeps the expansion itself from being proved. */
async function cutAtAlias(
  rrset: Rrset,
  isBarren: boolean,
  above: SecureZone,
  authority: readonly Rrset[],
  work: Work,
): Promise<Cut> {
  const result = await verifyRrset(rrset, above.zone, above.keys, work)
  if ('fault' in result) return result
  const { rrsig, validUntilMs } = result.verified
  if (!isWildcardExpansion(rrsig, rrset.owner)) return { kind: 'same', isBarren, validUntilMs }
  if (isBarren) {
    return { fault: { reason: 'wildcard-not-allowed', detail: `the DNAME at ${rrset.owner} was made of a wildcard` } }
  }
  const evidence = await evidenceOf(authority, above.zone, above.keys, work)
  const verdict = await judgeExpansion(evidence, rrset.owner, rrsig.labels, work)
  if (verdict.security === 'bogus') return { fault: verdict.fault }
  const untilMs = Math.min(validUntilMs, ...verdict.records.map(({ verified }) => verified.validUntilMs))
  return { kind: 'same', isBarren, validUntilMs: untilMs }
}

/** RFC 4035 §5.2, RFC 6840 §4.4: only NS without SOA and DS is an unsigned delegation. */
async function cutByDenial(above: SecureZone, name: Name, reply: Reply, work: Work): Promise<Cut> {
  const evidence = await evidenceOf(reply.authority, above.zone, above.keys, work)
  const verdict = await judgeDenial(evidence, name, DS.code, work)
  if (verdict.security === 'bogus') {
    const { reason, detail } = verdict.fault
    return { fault: { reason, detail: `whether ${name} is a signed zone is not proved: ${detail}` } }
  }
  const validUntilMs = Math.min(...verdict.records.map(({ verified }) => verified.validUntilMs))
  const inception = firstInception(verdict.records)
  if (verdict.security === 'insecure') return { kind: 'insecure', why: verdict.fault, validUntilMs, inception }
  const isDelegated = verdict.types !== undefined && isDelegation(verdict.types)
  // Some servers say NXDOMAIN for an empty non-terminal; its proof says that no zone begins here, and that is all we ask.
  const isMerelyNoCut = verdict.kind === 'nodata' && !isDelegated
  const contradiction = isMerelyNoCut ? undefined : rcodeFault(reply.rcode, verdict, name)
  if (contradiction !== undefined) return { fault: contradiction }
  if (isDelegated) {
    const why: Fault = { reason: 'no-ds', detail: `${above.zone} proves that ${name} is an unsigned delegation` }
    return { kind: 'insecure', why, validUntilMs, inception }
  }
  // Compact denial proves less: online signers have been wrong about what is below (RFC 9824 §3.2).
  return { kind: 'same', isBarren: verdict.kind === 'nxdomain' && verdict.types === undefined, validUntilMs }
}

/** Where the DS of a name stands: in its parent's zone (RFC 4035 §3.1.4.1); the root's own word is all there is of it. */
export function zoneNameOf(name: Name, type: number): Name {
  return type === DS.code ? (parentOf(name) ?? ROOT) : name
}
