/** Why an answer is not secure: stable codes, each with its Extended DNS Error (RFC 8914), and the proofs made of them. */
import type { Link, Unproved } from '@portolan/core'

export type Reason =
  | 'no-anchor'
  | 'no-ds'
  | 'opt-out'
  | 'unsupported-algorithm'
  | 'unsupported-digest'
  | 'nsec3-iterations'
  | 'not-signed-type'
  | 'no-anchor-matches'
  | 'no-dnskey-matches'
  | 'dnskey-missing'
  | 'dnskey-unobtainable'
  | 'ds-unobtainable'
  | 'signature-missing'
  | 'signature-malformed'
  | 'wrong-signer'
  | 'too-many-labels'
  | 'wildcard-not-allowed'
  | 'signature-expired-before-valid'
  | 'signature-expired'
  | 'signature-not-yet-valid'
  | 'no-matching-key'
  | 'signature-failed'
  | 'clock-suspect'
  | 'denial-missing'
  | 'denial-insufficient'
  | 'wildcard-unproved'
  | 'rcode-contradicts-proof'
  | 'foreign-records'
  | 'malformed-alias'
  | 'limit-colliding-keys'
  | 'limit-signature-checks'
  | 'limit-nsec3-hashes'
  | 'limit-crypto-budget'
  | 'limit-questions'

/** RFC 8914 §4 code of each reason; README.md explains them. */
export const EXTENDED_ERROR_OF_REASON: Readonly<Record<Reason, number>> = {
  // Insecure: proved that nothing vouches for the data.
  'no-anchor': 0,
  'no-ds': 0,
  'opt-out': 0,
  'unsupported-algorithm': 1,
  'unsupported-digest': 2,
  'nsec3-iterations': 27,
  'not-signed-type': 0,
  // Bogus: the anchors and keys.
  'no-anchor-matches': 9,
  'no-dnskey-matches': 9,
  'dnskey-missing': 9,
  'dnskey-unobtainable': 22,
  'ds-unobtainable': 22,
  // Bogus: signatures.
  'signature-missing': 10,
  'signature-malformed': 6,
  'wrong-signer': 6,
  'too-many-labels': 6,
  'wildcard-not-allowed': 6,
  'signature-expired-before-valid': 25,
  'signature-expired': 7,
  'signature-not-yet-valid': 8,
  'no-matching-key': 9,
  'signature-failed': 6,
  'clock-suspect': 7,
  // Bogus: denial and shape of the message.
  'denial-missing': 12,
  'denial-insufficient': 6,
  'wildcard-unproved': 6,
  'rcode-contradicts-proof': 6,
  'foreign-records': 6,
  'malformed-alias': 6,
  // Bogus: a limit ended the work.
  'limit-colliding-keys': 0,
  'limit-signature-checks': 0,
  'limit-nsec3-hashes': 0,
  'limit-crypto-budget': 0,
  'limit-questions': 0,
}

/** A rule that does not hold, before it is known whose proof it spoils. */
export interface Fault {
  readonly reason: Reason
  readonly detail: string
}

/** How long a verdict holds that a fault ended: a clock may be set right and a server mended (RFC 9520 §3.4). */
export const BOGUS_MS = 3_000

export function bogus(fault: Fault, chain: readonly Link[], nowMs: number): Unproved<'bogus'> {
  return unproved('bogus', fault, chain, nowMs + BOGUS_MS)
}

export function insecure(fault: Fault, chain: readonly Link[], untilMs: number): Unproved<'insecure'> {
  return unproved('insecure', fault, chain, untilMs)
}

function unproved<S extends 'insecure' | 'bogus'>(
  security: S,
  { reason, detail }: Fault,
  chain: readonly Link[],
  validUntilMs: number,
): Unproved<S> {
  return { security, reason, detail, extendedError: EXTENDED_ERROR_OF_REASON[reason], validUntilMs, chain }
}

/** Whether another time on the clock could change the verdict. */
export function isByTime(reason: string): boolean {
  return reason === 'signature-expired' || reason === 'signature-not-yet-valid'
}
