/** What must hold of an RRSIG before any cryptography (RFC 4035 §5.3.1). */
import { isAtOrBelow, type Name, type Rrset, typeText } from '@portolan/core'
import { periodOf } from './clock.ts'
import type { Fault } from './reasons.ts'
import { signedLabelCount } from './records/canonical.ts'
import type { Rrsig } from './records/rrsig.ts'

export interface SigningZone {
  readonly zone: Name
  readonly nowMs: number
  readonly clockSkewToleranceMs: number
}

/** Checks the fields in the order of RFC 4035 §5.3.1; `undefined` where all hold. */
export function signatureFault(
  rrsig: Rrsig,
  { owner, type }: Pick<Rrset, 'owner' | 'type'>,
  { zone, nowMs, clockSkewToleranceMs }: SigningZone,
): Fault | undefined {
  const what = () => `the signature of key ${rrsig.keyTag} over ${owner} ${typeText(type)}`
  if (rrsig.signer !== zone || !isAtOrBelow(owner, zone)) {
    return { reason: 'wrong-signer', detail: `${what()} names ${rrsig.signer} as its zone, which is ${zone}` }
  }
  if (rrsig.typeCovered !== type) {
    return { reason: 'signature-malformed', detail: `${what()} covers ${typeText(rrsig.typeCovered)}` }
  }
  if (rrsig.labels > signedLabelCount(owner)) {
    return { reason: 'too-many-labels', detail: `${what()} says ${rrsig.labels} labels, more than its owner has` }
  }
  switch (periodOf(rrsig, nowMs, clockSkewToleranceMs)) {
    case 'expired-before-valid':
      return { reason: 'signature-expired-before-valid', detail: `${what()} expires before it begins` }
    case 'expired':
      return { reason: 'signature-expired', detail: `${what()} has expired` }
    case 'not-yet-valid':
      return { reason: 'signature-not-yet-valid', detail: `${what()} is not valid yet` }
    case 'valid':
      return undefined
  }
}

/** Whether the records were made of a wildcard (RFC 4035 §5.3.2): the signature counts fewer labels than the owner has. */
export function isWildcardExpansion(rrsig: Pick<Rrsig, 'labels'>, owner: Name): boolean {
  return rrsig.labels < signedLabelCount(owner)
}
