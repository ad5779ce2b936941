/** Which algorithms and digests count, and how their public keys are written (RFC 3110, 5702, 6605, 8080, 9904, 9905). */
import { crypto } from '#crypto'
import type { Awaitable, ImportedKey, PublicKeyFields } from './platform.ts'
import type { Dnskey } from './records/dnskey.ts'
import { DIGESTS } from './records/ds.ts'

export interface AlgorithmPolicy {
  /** Verify RSASHA1 and RSASHA1-NSEC3-SHA1 (5, 7) instead of treating them as unsupported (RFC 9905). */
  readonly sha1Algorithms: boolean
  /** Accept DS of digest type 1 where no SHA-2 DS stands beside it (RFC 4509 §3), instead of treating it as unsupported. */
  readonly sha1Digests: boolean
}

type RsaHash = Extract<PublicKeyFields, { kind: 'rsa' }>['hash']

const SHA1_ALGORITHMS: ReadonlySet<number> = new Set([5, 7])
export const SHA1_DIGEST = 1
const RSA_HASH: ReadonlyMap<number, RsaHash> = new Map([
  [5, 'SHA-1'],
  [7, 'SHA-1'],
  [8, 'SHA-256'],
  [10, 'SHA-512'],
])
const ECDSA = new Map([
  [13, { curve: 'P-256', hash: 'SHA-256', coordinateOctets: 32 }],
  [14, { curve: 'P-384', hash: 'SHA-384', coordinateOctets: 48 }],
] as const)
const EDDSA = new Map([
  [15, { curve: 'Ed25519', keyOctets: 32 }],
  [16, { curve: 'Ed448', keyOctets: 57 }],
] as const)
const SIGNATURE_OCTETS: ReadonlyMap<number, number> = new Map([
  [13, 64],
  [14, 96],
  [15, 64],
  [16, 114],
])
/** RFC 3110 §2 and RFC 5702 §2: at most 4096 bits; at least 512, for RSA/SHA-512 at least 1024. */
const RSA_MODULUS_OCTETS = { min: 64, minSha512: 128, max: 512 }
/** A larger exponent costs the verifier much and nobody has one. */
const RSA_EXPONENT_OCTETS = 8

export function isSupportedAlgorithm(algorithm: number, { sha1Algorithms }: AlgorithmPolicy): boolean {
  if (SHA1_ALGORITHMS.has(algorithm) && !sha1Algorithms) return false
  const isKnown = RSA_HASH.has(algorithm) || ECDSA.has(algorithm as 13) || EDDSA.has(algorithm as 15)
  return isKnown && crypto.supports(algorithm)
}

export function isSupportedDigest(digestType: number, { sha1Digests }: AlgorithmPolicy): boolean {
  return DIGESTS.has(digestType) && (digestType !== SHA1_DIGEST || sha1Digests)
}

/** Length that every signature of the algorithm has; `undefined` for RSA, where the modulus says it. */
export function signatureOctets(algorithm: number): number | undefined {
  return SIGNATURE_OCTETS.get(algorithm)
}

/** `undefined` for octets that are no key of the algorithm, which then verifies nothing. */
export function importKey(dnskey: Dnskey): Awaitable<ImportedKey | undefined> {
  const fields = publicKeyFields(dnskey)
  return fields === undefined ? undefined : crypto.importKey(fields)
}

export function publicKeyFields({ algorithm, publicKey }: Dnskey): PublicKeyFields | undefined {
  const hash = RSA_HASH.get(algorithm)
  if (hash !== undefined) return rsaFields(algorithm, hash, publicKey)
  const ecdsa = ECDSA.get(algorithm as 13)
  if (ecdsa !== undefined) {
    const { curve, hash, coordinateOctets } = ecdsa
    if (publicKey.length !== 2 * coordinateOctets) return undefined
    const x = publicKey.subarray(0, coordinateOctets)
    return { kind: 'ecdsa', algorithm, curve, hash, x, y: publicKey.subarray(coordinateOctets) }
  }
  const eddsa = EDDSA.get(algorithm as 15)
  if (eddsa === undefined || publicKey.length !== eddsa.keyOctets) return undefined
  return { kind: 'eddsa', algorithm, curve: eddsa.curve, x: publicKey }
}

/** RFC 3110 §2: exponent length in one octet, or zero and two octets; exponent; modulus. */
function rsaFields(algorithm: number, hash: RsaHash, publicKey: Uint8Array): PublicKeyFields | undefined {
  const short = publicKey[0] ?? 0
  const start = short === 0 ? 3 : 1
  const exponentOctets = short === 0 ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0) : short
  if (exponentOctets === 0 || publicKey.length <= start + exponentOctets) return undefined
  const exponent = withoutLeadingZeros(publicKey.subarray(start, start + exponentOctets))
  const modulus = withoutLeadingZeros(publicKey.subarray(start + exponentOctets))
  const min = hash === 'SHA-512' ? RSA_MODULUS_OCTETS.minSha512 : RSA_MODULUS_OCTETS.min
  if (modulus.length < min || modulus.length > RSA_MODULUS_OCTETS.max) return undefined
  if (exponent.length === 0 || exponent.length > RSA_EXPONENT_OCTETS) return undefined
  // With exponent 1, or an even modulus, a signature is something that anybody can write.
  const isTrivial = exponent.length === 1 && (exponent[0] ?? 0) < 3
  if (isTrivial || (exponent.at(-1) ?? 0) % 2 === 0 || (modulus.at(-1) ?? 0) % 2 === 0) return undefined
  return { kind: 'rsa', algorithm, hash, modulus, exponent }
}

function withoutLeadingZeros(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0)
  return first < 0 ? octets.subarray(octets.length) : octets.subarray(first)
}
