/** Keys of a zone that may verify its signatures (RFC 4034 §2.1, RFC 5011 §2.1), each imported once. */
import type { RawRecord } from '@portolan/core'
import { type AlgorithmPolicy, importKey, isSupportedAlgorithm } from './algorithms.ts'
import { decoded } from './decoded.ts'
import type { Awaitable, ImportedKey } from './platform.ts'
import { DNSKEY, type Dnskey, keyTag, REVOKE_FLAG, ZONE_FLAG } from './records/dnskey.ts'

const DNSSEC_PROTOCOL = 3

export interface ZoneKey {
  readonly tag: number
  readonly algorithm: number
  readonly rdata: Uint8Array
  /** `undefined` where its octets are no key. */
  imported(): Awaitable<ImportedKey | undefined>
}

/** Keys of other protocols or uses, and revoked ones, verify nothing. */
function mayVerify({ flags, protocol }: Dnskey): boolean {
  return (flags & ZONE_FLAG) !== 0 && protocol === DNSSEC_PROTOCOL && (flags & REVOKE_FLAG) === 0
}

/** The usable keys among DNSKEY records, in their order. */
export function zoneKeys(records: readonly RawRecord[], policy: AlgorithmPolicy): readonly ZoneKey[] {
  return records.flatMap(({ rdata }) => {
    const dnskey = decoded(DNSKEY.decode, rdata)
    if (dnskey === undefined || !mayVerify(dnskey) || !isSupportedAlgorithm(dnskey.algorithm, policy)) return []
    return [zoneKey(dnskey, rdata)]
  })
}

function zoneKey(dnskey: Dnskey, rdata: Uint8Array): ZoneKey {
  let imported: Awaitable<ImportedKey | undefined>
  let isImported = false
  return {
    tag: keyTag(rdata),
    algorithm: dnskey.algorithm,
    rdata,
    imported() {
      if (!isImported) imported = importKey(dnskey)
      isImported = true
      return imported
    },
  }
}
