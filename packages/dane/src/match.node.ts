/** Whether a TLSA record is of a certificate (RFC 6698 §2.1.2–2.1.3), by the octets as received. */
import { createHash } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { sameOctets } from './der.ts'
import type { Tlsa } from './tlsa.ts'
import type { UsableTlsa } from './usability.ts'

/** Association data for a certificate: of the whole or its key, in full or as digest. */
export function associationData(
  { der, spki }: Pick<Certificate, 'der' | 'spki'>,
  selector: 0 | 1,
  matchingType: 0 | 1 | 2,
): Uint8Array {
  const selected = selector === 0 ? der : spki
  if (matchingType === 0) return Uint8Array.from(selected)
  return Uint8Array.from(
    createHash(matchingType === 1 ? 'sha256' : 'sha512')
      .update(selected)
      .digest(),
  )
}

/** The first of `records` that is of this certificate. */
export function matchingRecord<T extends UsableTlsa>(
  records: readonly T[],
  certificate: Pick<Certificate, 'der' | 'spki'>,
): T | undefined {
  const known = new Map<string, Uint8Array>()
  return records.find(({ selector, matchingType, data }) => {
    const kind = `${selector}${matchingType}`
    const own = known.get(kind) ?? associationData(certificate, selector, matchingType)
    known.set(kind, own)
    return sameOctets(own, data)
  })
}

/** Whether two records say the same. */
export function sameRecord(a: Tlsa, b: Tlsa): boolean {
  return (
    a.usage === b.usage && a.selector === b.selector && a.matchingType === b.matchingType && sameOctets(a.data, b.data)
  )
}
