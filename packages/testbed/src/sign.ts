/** Signs an RRset (RFC 4034 §3): the RRSIG's fields, then the signature over them and the records in canonical form. */
import type { Name } from '@portolan/core'
import { RRSIG, signedData, signedLabelCount } from '@portolan/dnssec/records'
import type { StoredRrset } from './zone-data.ts'

/** Of a signature (RFC 4034 §3.1.5), in seconds since 1970. */
export interface Validity {
  readonly inceptionSeconds: number
  readonly expirationSeconds: number
}

/** A private key with what DNSKEY says of its public half. */
export interface ZoneKey {
  readonly algorithm: number
  readonly keyTag: number
  readonly dnskey: Uint8Array
  sign(data: Uint8Array): Uint8Array
}

/** @returns RRSIG rdata */
export function signRrset(rrset: StoredRrset, key: ZoneKey, zone: Name, validity: Validity): Uint8Array {
  const fields = {
    typeCovered: rrset.type,
    algorithm: key.algorithm,
    labels: signedLabelCount(rrset.owner),
    originalTtlSeconds: rrset.ttlSeconds,
    expiration: validity.expirationSeconds,
    inception: validity.inceptionSeconds,
    keyTag: key.keyTag,
    signer: zone,
  }
  const records = rrset.rdatas.map((rdata) => ({ rdata }))
  return RRSIG.encode({ ...fields, signature: key.sign(signedData(fields, rrset.owner, records)) })
}
