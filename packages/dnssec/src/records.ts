/** The record types of DNSSEC, their canonical form and hashes: for signers, and for whoever reads such records. */
export {
  canonicalSet,
  compareNames,
  compareOctets,
  signedData,
  signedLabelCount,
} from './records/canonical.ts'
export { DNSKEY, type Dnskey, keyTag, REVOKE_FLAG, SEP_FLAG, ZONE_FLAG } from './records/dnskey.ts'
export { DS, type Ds, dsDigest, dsOf } from './records/ds.ts'
export { NSEC, type Nsec } from './records/nsec.ts'
export {
  base32hex,
  NSEC3,
  NSEC3_SHA1,
  NSEC3PARAM,
  type Nsec3,
  type Nsec3Parameters,
  type Nsec3param,
  nsec3Hash,
  OPT_OUT_FLAG,
} from './records/nsec3.ts'
export { RRSIG, type Rrsig } from './records/rrsig.ts'
export { decodeTypeBitmap, encodeTypeBitmap } from './records/type-bitmap.ts'
