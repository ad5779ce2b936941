/** What path rules look at in a certificate (RFC 5280 §4). */
import type { GeneralName } from './general-name.ts'
import type { Validity } from './validity.ts'

export interface Subtree {
  readonly base: GeneralName
  /** Neither minimum nor maximum: RFC 5280 §4.2.1.10 allows no others. */
  readonly plain: boolean
}

export interface CertificateFields extends Validity {
  readonly signatureAlgorithm: { readonly oid: string; readonly parameters: Uint8Array | undefined }
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined } | undefined
  /** Bits of KeyUsageFlags; `undefined` where the extension is absent, which restricts nothing. */
  readonly keyUsage: number | undefined
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly subjectAltNames: readonly GeneralName[] | undefined
  readonly subjectAltNamesCritical: boolean
  readonly nameConstraints:
    | { readonly permitted: readonly Subtree[]; readonly excluded: readonly Subtree[] }
    | undefined
  readonly subjectKeyId: string | undefined
  readonly authorityKey:
    | {
        readonly keyId: string | undefined
        readonly serialNumber: string | undefined
        readonly issuers: readonly GeneralName[] | undefined
      }
    | undefined
  /** OIDs of critical extensions that nothing here processes. */
  readonly unhandledCritical: readonly string[]
}
