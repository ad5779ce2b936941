/** How strong keys and signatures must be (`authLevel`, numbered as OpenSSL's security levels). */

import type { CertificateFields } from './certificate-fields.ts'
import { contentOf, elementAt, elementsIn, TAG } from './der.ts'

/**
 * 0: no floor. Default 2: 112 bits, that is RSA from 2048 bits, no SHA-1 and no MD5 (RFC 9155).
 * 3, 4, 5: 128, 192, 256 bits.
 */
export type AuthLevel = 0 | 1 | 2 | 3 | 4 | 5

export const DEFAULT_AUTH_LEVEL: AuthLevel = 2

const FLOOR_BITS: Readonly<Record<AuthLevel, number>> = { 0: 0, 1: 80, 2: 112, 3: 128, 4: 192, 5: 256 }

export function floorBits(level: AuthLevel): number {
  return FLOOR_BITS[level]
}

/** RSA by the size of its modulus, NIST SP 800-57 part 1, table 2. */
export function rsaStrengthBits(modulusBits: number): number {
  const steps: readonly (readonly [number, number])[] = [
    [15360, 256],
    [7680, 192],
    [3072, 128],
    [2048, 112],
    [1024, 80],
  ]
  return steps.find(([bits]) => modulusBits >= bits)?.[1] ?? 1
}

/** A named curve has half the bits of its field; explicit parameters (no name) are forbidden (RFC 5480 §2.1.1): 0. */
export function curveStrengthBits(namedCurve: string | undefined): number {
  const bits = Number(/\d{3}/.exec(namedCurve ?? '')?.[0] ?? 0)
  return bits === 521 ? 256 : bits >> 1
}

/** Collision resistance of the digest: what a forged certificate would have to break. SHA-1 and MD5 as OpenSSL rates them. */
const DIGEST_BITS = { md5: 39, sha1: 63, sha224: 112, sha256: 128, sha384: 192, sha512: 256 } as const
type Digest = keyof typeof DIGEST_BITS

const SIGNATURE_DIGESTS: ReadonlyMap<string, Digest> = new Map<string, Digest>([
  ['1.2.840.113549.1.1.4', 'md5'],
  ['1.2.840.113549.1.1.5', 'sha1'],
  ['1.2.840.113549.1.1.14', 'sha224'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.1', 'sha1'],
  ['1.2.840.10045.4.3.1', 'sha224'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
])
const ED25519 = '1.3.101.112'
const ED448 = '1.3.101.113'
const RSA_PSS = '1.2.840.113549.1.1.10'

/** Octets of the digest OIDs that RSASSA-PSS parameters name (RFC 4055 §2.1). */
const PSS_DIGESTS: ReadonlyMap<string, Digest> = new Map<string, Digest>([
  ['96,134,72,1,101,3,4,2,4', 'sha224'],
  ['96,134,72,1,101,3,4,2,1', 'sha256'],
  ['96,134,72,1,101,3,4,2,2', 'sha384'],
  ['96,134,72,1,101,3,4,2,3', 'sha512'],
])

/** Strength of the signature on a certificate; 0 for an algorithm that we don't know. */
export function signatureStrengthBits({ oid, parameters }: CertificateFields['signatureAlgorithm']): number {
  if (oid === ED25519) return 128
  if (oid === ED448) return 224
  const digest = oid === RSA_PSS ? pssDigest(parameters) : SIGNATURE_DIGESTS.get(oid)
  return digest === undefined ? 0 : DIGEST_BITS[digest]
}

/** `[0]` of the parameters holds the hash's AlgorithmIdentifier; absent means SHA-1 (RFC 4055 §3.1). */
function pssDigest(parameters: Uint8Array | undefined): Digest | undefined {
  const whole = parameters && elementAt(parameters, 0)
  if (parameters === undefined || whole === undefined) return undefined
  const hash = elementsIn(parameters, whole)?.find(({ tag }) => tag === 0xa0)
  if (hash === undefined) return 'sha1'
  const algorithm = elementsIn(parameters, hash)?.[0]
  const oid = algorithm && elementsIn(parameters, algorithm)?.[0]
  return oid?.tag === TAG.oid ? PSS_DIGESTS.get(contentOf(parameters, oid).join()) : undefined
}
