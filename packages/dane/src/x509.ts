/** Reads a certificate's fields (RFC 5280 §4): what path rules look at, strictly, from the octets as received. */
import type { CertificateFields } from './certificate-fields.ts'
import { contentOf, elementsIn, octetsOf, oidText, TAG, wholeElement } from './der.ts'
import {
  authorityKey,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  subjectAltNames,
  subjectKeyId,
} from './extension-values.ts'
import { type Extension, framedExtensions } from './extensions.ts'
import type { CertificateFrame } from './frame.ts'
import { readValidity } from './validity.ts'

/** id-ce (RFC 5280 §4.2.1). */
const ID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
} as const

/** Critical ones that we process. Certificate policies: with any policy acceptable and no constraints they restrict nothing. */
const HANDLED: ReadonlySet<string> = new Set([
  ID.basicConstraints,
  ID.keyUsage,
  ID.extKeyUsage,
  ID.subjectAltName,
  ID.nameConstraints,
  ID.certificatePolicies,
])

/** @throws Error for octets that are no such certificate: whoever calls turns it into a fault */
export function readFields(frame: CertificateFrame): CertificateFields {
  const validity = readValidity(frame.validity)
  if (validity === undefined) throw new Error('dates that are none (RFC 5280 §4.1.2.5)')
  const extensions = byOid(frame.extensions ? framedExtensions(frame.extensions) : [])
  const read = <T>(oid: string, reader: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension && reader(extension.value)
  }
  return {
    ...validity,
    signatureAlgorithm: algorithmOf(frame.signatureAlgorithm),
    basicConstraints: read(ID.basicConstraints, basicConstraints),
    keyUsage: read(ID.keyUsage, keyUsage),
    extendedKeyUsage: read(ID.extKeyUsage, extendedKeyUsage),
    subjectAltNames: read(ID.subjectAltName, subjectAltNames),
    subjectAltNamesCritical: extensions.get(ID.subjectAltName)?.critical ?? false,
    nameConstraints: read(ID.nameConstraints, nameConstraints),
    subjectKeyId: read(ID.subjectKeyIdentifier, subjectKeyId),
    authorityKey: read(ID.authorityKeyIdentifier, authorityKey),
    unhandledCritical: [...extensions.values()]
      .filter(({ critical, oid }) => critical && !HANDLED.has(oid))
      .map(({ oid }) => oid),
  }
}

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
function algorithmOf(der: Uint8Array): CertificateFields['signatureAlgorithm'] {
  const whole = wholeElement(der, TAG.sequence)
  const [id, parameters, ...surplus] = (whole && elementsIn(der, whole)) ?? []
  const oid = id?.tag === TAG.oid ? oidText(contentOf(der, id)) : undefined
  if (oid === undefined || surplus.length > 0) throw new Error('a signature algorithm that is none')
  return { oid, parameters: parameters && octetsOf(der, parameters) }
}

/** RFC 5280 §4.2: at most one instance of an extension. */
function byOid(extensions: readonly Extension[]): ReadonlyMap<string, Extension> {
  const map = new Map<string, Extension>()
  for (const extension of extensions) {
    if (map.has(extension.oid)) throw new Error(`extension ${extension.oid} twice (RFC 5280 §4.2)`)
    map.set(extension.oid, extension)
  }
  return map
}
