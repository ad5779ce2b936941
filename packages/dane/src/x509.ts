/** Reads a certificate's fields (RFC 5280 §4) with the ASN.1 schemas of @peculiar/x509. The one module that loads them. */
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  type Extension,
  Extensions,
  type GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509'
import { elementAt, toHex } from './der.ts'
import type { CertificateFrame } from './frame.ts'
import { type GeneralName, generalName } from './general-name.ts'
import { readValidity, type Validity } from './validity.ts'

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

/** Critical ones that we process. Certificate policies: with any policy acceptable and no constraints they restrict nothing. */
const HANDLED: ReadonlySet<string> = new Set([
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_ce_nameConstraints,
  id_ce_certificatePolicies,
])

/**
 * Reads what path rules look at, part by part: names and key are compared as octets, so nobody has to parse them.
 * @throws Error of any kind for octets that are no certificate: whoever calls turns it into a fault
 */
export function readFields(frame: CertificateFrame): CertificateFields {
  const validity = readValidity(frame.validity)
  if (validity === undefined) throw new Error('dates that are none (RFC 5280 §4.1.2.5)')
  const algorithm = AsnConvert.parse(frame.signatureAlgorithm, AlgorithmIdentifier)
  const extensions = byOid(frame.extensions ? AsnConvert.parse(frame.extensions, Extensions) : [])
  const read = <T>(oid: string, schema: new () => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension && AsnConvert.parse(wholeValue(extension), schema)
  }
  const basic = read(id_ce_basicConstraints, BasicConstraints)
  const constraints = read(id_ce_nameConstraints, NameConstraints)
  const authority = read(id_ce_authorityKeyIdentifier, AuthorityKeyIdentifier)
  const keyId = read(id_ce_subjectKeyIdentifier, SubjectKeyIdentifier)
  const usage = read(id_ce_keyUsage, KeyUsage)
  const altNames = read(id_ce_subjectAltName, SubjectAlternativeName)
  if (constraints && !constraints.permittedSubtrees?.length && !constraints.excludedSubtrees?.length) {
    throw new Error('name constraints that constrain nothing (RFC 5280 §4.2.1.10)')
  }
  if (altNames?.length === 0) throw new Error('an empty subjectAltName (RFC 5280 §4.2.1.6)')
  return {
    ...validity,
    signatureAlgorithm: {
      oid: algorithm.algorithm,
      parameters: algorithm.parameters ? new Uint8Array(algorithm.parameters) : undefined,
    },
    basicConstraints: basic && { ca: basic.cA, pathLength: pathLength(basic) },
    keyUsage: usage && (usage.toNumber() || 0),
    extendedKeyUsage: read(id_ce_extKeyUsage, ExtendedKeyUsage),
    subjectAltNames: altNames?.map(generalName),
    subjectAltNamesCritical: extensions.get(id_ce_subjectAltName)?.critical ?? false,
    nameConstraints: constraints && {
      permitted: subtrees(constraints.permittedSubtrees),
      excluded: subtrees(constraints.excludedSubtrees),
    },
    subjectKeyId: keyId && toHex(new Uint8Array(keyId.buffer)),
    authorityKey: authority && {
      keyId: authority.keyIdentifier && toHex(new Uint8Array(authority.keyIdentifier.buffer)),
      serialNumber: authority.authorityCertSerialNumber && toHex(new Uint8Array(authority.authorityCertSerialNumber)),
      issuers: authority.authorityCertIssuer?.map(generalName),
    },
    unhandledCritical: [...extensions.values()]
      .filter(({ critical, extnID }) => critical && !HANDLED.has(extnID))
      .map(({ extnID }) => extnID),
  }
}

/** RFC 5280 §4.2: at most one instance of an extension. */
function byOid(extensions: readonly Extension[]): ReadonlyMap<string, Extension> {
  const map = new Map<string, Extension>()
  for (const extension of extensions) {
    if (map.has(extension.extnID)) throw new Error(`extension ${extension.extnID} twice (RFC 5280 §4.2)`)
    map.set(extension.extnID, extension)
  }
  return map
}

/** The parser below passes over octets after the value; OpenSSL and we do not. */
function wholeValue(extension: Extension): Uint8Array {
  const value = new Uint8Array(extension.extnValue.buffer)
  if (elementAt(value, 0)?.end !== value.length) throw new Error(`extension ${extension.extnID} is no DER`)
  return value
}

function pathLength({ cA, pathLenConstraint }: BasicConstraints): number | undefined {
  if (pathLenConstraint === undefined) return undefined
  if (!(pathLenConstraint >= 0)) throw new Error('a negative path length')
  return cA ? pathLenConstraint : undefined
}

function subtrees(list: GeneralSubtrees | undefined): readonly Subtree[] {
  return (list ?? []).map(({ base, minimum, maximum }) => ({
    base: generalName(base),
    plain: minimum === 0 && maximum === undefined,
  }))
}
