/** The record types of DNSSEC, and what signs and hashes them: for signers, and for whoever reads such records. */
export { compareNames, signedData, signedLabelCount } from './records/canonical.ts'
export { DNSKEY, type Dnskey, keyTag, SEP_FLAG, ZONE_FLAG } from './records/dnskey.ts'
export { DS, type Ds, dsOf } from './records/ds.ts'
export { NSEC, type Nsec } from './records/nsec.ts'
export {
  base32hex,
  NSEC3,
  NSEC3PARAM,
  type Nsec3,
  type Nsec3Parameters,
  type Nsec3param,
  nsec3Hash,
} from './records/nsec3.ts'
export { RRSIG, type Rrsig } from './records/rrsig.ts'
