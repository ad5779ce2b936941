/** Verifies an RRset with the keys of a zone (RFC 4035 §5.3.3), within limits. */
import { type Link, type Name, type Rrset, typeText } from '@portolan/core'
import { signatureOctets } from './algorithms.ts'
import { serialToMs } from './clock.ts'
import { decoded } from './decoded.ts'
import type { ZoneKey } from './keys.ts'
import type { Fault } from './reasons.ts'
import { signedData } from './records/canonical.ts'
import { RRSIG, type Rrsig } from './records/rrsig.ts'
import { signatureFault } from './signature-fields.ts'
import type { Work } from './work.ts'

/** A signature that held. */
export interface Verified {
  readonly rrsig: Rrsig
  readonly key: ZoneKey
  /** The least of TTL, the RRSIG's own TTL, the original TTL and the signature's remaining life (RFC 4035 §5.3.3). */
  readonly ttlSeconds: number
  readonly validUntilMs: number
  readonly link: Link
}

export type Verification = { readonly verified: Verified } | { readonly fault: Fault }

/** Any one valid signature is enough; where none is, the fault of the one that came furthest. */
export async function verifyRrset(
  rrset: Rrset,
  zone: Name,
  keys: readonly ZoneKey[],
  work: Work,
): Promise<Verification> {
  let fault: Fault | undefined
  let signatures = 0
  for (const signature of rrset.signatures) {
    const rrsig = decoded(RRSIG.decode, signature.rdata)
    if (rrsig === undefined) {
      fault = further(fault, { reason: 'signature-malformed', detail: `a signature over ${rrset.owner} is malformed` })
      continue
    }
    const fieldFault = signatureFault(rrsig, rrset, { zone, ...work })
    if (fieldFault !== undefined) {
      fault = further(fault, fieldFault)
      continue
    }
    const candidates = keys.filter(({ tag, algorithm }) => tag === rrsig.keyTag && algorithm === rrsig.algorithm)
    const what = () =>
      `${rrset.owner} ${typeText(rrset.type)}, key ${rrsig.keyTag} of ${zone} (algorithm ${rrsig.algorithm})`
    if (candidates.length === 0) {
      fault = further(fault, { reason: 'no-matching-key', detail: `no such key for a signature over ${what()}` })
      continue
    }
    if (isMisshapen(rrsig)) {
      fault = further(fault, { reason: 'signature-failed', detail: `the signature has a wrong length over ${what()}` })
      continue
    }
    if (signatures++ >= work.limits.signatureChecks) {
      return { fault: { reason: 'limit-signature-checks', detail: `too many signatures to check over ${what()}` } }
    }
    const data = signedData(rrsig, rrset.owner, rrset.records)
    for (const key of candidates.slice(0, work.limits.collidingKeys)) {
      if (!work.budget.takeCrypto()) {
        return { fault: { reason: 'limit-crypto-budget', detail: `the budget of the question ended at ${what()}` } }
      }
      await work.pace.next()
      if (await holds(key, rrsig, data))
        return { verified: verified(rrset, zone, rrsig, signature.ttlSeconds, key, work) }
    }
    const isCut = candidates.length > work.limits.collidingKeys
    fault = further(fault, {
      reason: isCut ? 'limit-colliding-keys' : 'signature-failed',
      detail: isCut ? `too many keys share one tag for ${what()}` : `the signature does not verify over ${what()}`,
    })
  }
  return {
    fault: fault ?? { reason: 'signature-missing', detail: `${rrset.owner} ${typeText(rrset.type)} is not signed` },
  }
}

/** What can't be a signature costs nothing of the budget. */
function isMisshapen({ algorithm, signature }: Rrsig): boolean {
  const octets = signatureOctets(algorithm)
  return octets !== undefined && signature.length !== octets
}

async function holds(key: ZoneKey, { signature }: Rrsig, data: Uint8Array): Promise<boolean> {
  const imported = await key.imported()
  return imported !== undefined && (await imported.verify(signature, data))
}

function verified(
  { records, type }: Rrset,
  zone: Name,
  rrsig: Rrsig,
  rrsigTtlSeconds: number,
  key: ZoneKey,
  { nowMs, clockSkewToleranceMs }: Work,
): Verified {
  const expirationMs = serialToMs(rrsig.expiration, nowMs)
  const remainingSeconds = Math.max(0, Math.floor((expirationMs + clockSkewToleranceMs - nowMs) / 1000))
  const recordTtls = records.map(({ ttlSeconds }) => ttlSeconds)
  const ttlSeconds = [rrsigTtlSeconds, rrsig.originalTtlSeconds, remainingSeconds, ...recordTtls].reduce((a, b) =>
    Math.min(a, b),
  )
  const link: Link = {
    zone,
    type: typeText(type),
    keyTags: [key.tag],
    algorithm: key.algorithm,
    inceptionMs: serialToMs(rrsig.inception, nowMs),
    expirationMs,
  }
  return { rrsig, key, ttlSeconds, validUntilMs: nowMs + ttlSeconds * 1000, link }
}

/** How far each reason is from a proof: what a person needs to know is the last step that failed. */
const PROGRESS: Partial<Readonly<Record<Fault['reason'], number>>> = {
  'signature-malformed': 0,
  'wrong-signer': 1,
  'too-many-labels': 2,
  'signature-expired-before-valid': 3,
  'no-matching-key': 3,
  'signature-expired': 4,
  'signature-not-yet-valid': 4,
  'signature-failed': 5,
  'limit-colliding-keys': 6,
}

function further(a: Fault | undefined, b: Fault): Fault {
  return a !== undefined && (PROGRESS[a.reason] ?? 0) >= (PROGRESS[b.reason] ?? 0) ? a : b
}
