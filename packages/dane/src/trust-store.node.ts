/** Locally trusted roots: the caller's, or those that Node carries. For PKIX and usages 0 and 1. */
import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { openCertificate } from './certificate.node.ts'
import { type Certificate, isNamedIssuer, isSelfIssued } from './certificate.ts'
import { sameOctets } from './der.ts'

export interface TrustStore {
  named(subjectName: string): readonly Certificate[]
  holds(certificate: Certificate): boolean
}

const stores = new WeakMap<readonly Uint8Array[], TrustStore>()
let platformRoots: readonly Uint8Array[] | undefined

/**
 * Of DER certificates; unreadable ones are passed over. The same array gives the same store, so that its certificates are
 * read once. Default: `tls.rootCertificates`.
 */
export function trustStore(roots: readonly Uint8Array[] = nodeRoots()): TrustStore {
  const known = stores.get(roots)
  if (known !== undefined) return known
  const byName = new Map<string, Certificate[]>()
  for (const certificate of roots.map((der) => openCertificate(der))) {
    if (certificate === undefined) continue
    byName.set(certificate.subjectName, [...(byName.get(certificate.subjectName) ?? []), certificate])
  }
  const named = (subjectName: string): readonly Certificate[] => byName.get(subjectName) ?? []
  const store: TrustStore = {
    named,
    holds: (certificate) => named(certificate.subjectName).some(({ der }) => sameOctets(der, certificate.der)),
  }
  stores.set(roots, store)
  return store
}

/** A path ends only in a root that issued itself: a trusted intermediate helps on the way up (as in OpenSSL and Node). */
export function isTrustedRoot(store: TrustStore, certificate: Certificate): boolean {
  return store.holds(certificate) && isSelfIssued(certificate) && isNamedIssuer(certificate, certificate)
}

function nodeRoots(): readonly Uint8Array[] {
  platformRoots ??= rootCertificates.map((pem) => new X509Certificate(pem).raw)
  return platformRoots
}
