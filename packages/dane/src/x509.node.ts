/** Reads a certificate's fields (RFC 5280 §4) with the ASN.1 schemas of @peculiar/asn1-x509. */
import type { BasicConstraints, GeneralSubtrees } from '@peculiar/asn1-x509'
import { hasGappedMask } from './address-mask.ts'
import { type Asn1, asn1 } from './asn1.node.ts'
import type { CertificateFields, Subtree } from './certificate-fields.ts'
import { elementAt, toHex } from './der.ts'
import { type Extension, framedExtensions } from './extensions.ts'
import type { CertificateFrame } from './frame.ts'
import { generalName } from './general-name.node.ts'
import { readValidity } from './validity.ts'

/**
 * Reads what path rules look at, part by part: names and key are compared as octets, so nobody has to parse them.
 * @throws Error of any kind for octets that are no certificate: whoever calls turns it into a fault
 */
export function readFields(frame: CertificateFrame): CertificateFields {
  const validity = readValidity(frame.validity)
  if (validity === undefined) throw new Error('dates that are none (RFC 5280 §4.1.2.5)')
  const { AsnConvert, schemas } = asn1()
  const algorithm = AsnConvert.parse(frame.signatureAlgorithm, schemas.AlgorithmIdentifier)
  const extensions = byOid(frame.extensions ? framedExtensions(frame.extensions) : [])
  const read = <T>(oid: string, schema: new () => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension && AsnConvert.parse(wholeValue(extension), schema)
  }
  const handled = handledExtensions(schemas)
  const basic = read(schemas.id_ce_basicConstraints, schemas.BasicConstraints)
  const constraints = read(schemas.id_ce_nameConstraints, schemas.NameConstraints)
  const authority = read(schemas.id_ce_authorityKeyIdentifier, schemas.AuthorityKeyIdentifier)
  const keyId = read(schemas.id_ce_subjectKeyIdentifier, schemas.SubjectKeyIdentifier)
  const usage = read(schemas.id_ce_keyUsage, schemas.KeyUsage)
  const altNames = read(schemas.id_ce_subjectAltName, schemas.SubjectAlternativeName)
  if (constraints && !constraints.permittedSubtrees?.length && !constraints.excludedSubtrees?.length) {
    throw new Error('name constraints that constrain nothing (RFC 5280 §4.2.1.10)')
  }
  const constraintsExtension = extensions.get(schemas.id_ce_nameConstraints)
  if (constraintsExtension && hasGappedMask(wholeValue(constraintsExtension))) {
    throw new Error('an address range in name constraints whose mask has gaps (RFC 5280 §4.2.1.10)')
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
    extendedKeyUsage: read(schemas.id_ce_extKeyUsage, schemas.ExtendedKeyUsage),
    subjectAltNames: altNames?.map(generalName),
    subjectAltNamesCritical: extensions.get(schemas.id_ce_subjectAltName)?.critical ?? false,
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
      .filter(({ critical, oid }) => critical && !handled.has(oid))
      .map(({ oid }) => oid),
  }
}

/** Critical ones that we process. Certificate policies: with any policy acceptable and no constraints they restrict nothing. */
function handledExtensions(schemas: Asn1['schemas']): ReadonlySet<string> {
  return new Set([
    schemas.id_ce_basicConstraints,
    schemas.id_ce_keyUsage,
    schemas.id_ce_extKeyUsage,
    schemas.id_ce_subjectAltName,
    schemas.id_ce_nameConstraints,
    schemas.id_ce_certificatePolicies,
  ])
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

/** The parser passes over octets after the value, and so does OpenSSL; it is no DER. */
function wholeValue({ oid, value }: Extension): Uint8Array {
  if (elementAt(value, 0)?.end !== value.length) throw new Error(`extension ${oid} is no DER`)
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
