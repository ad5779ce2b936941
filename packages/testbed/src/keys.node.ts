/** Makes the keys of a signed zone with node:crypto: RSA (8, RFC 5702), P-256 (13, RFC 6605), Ed25519 (15, RFC 8080). */
import { generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Name } from '@portolan/core'
import { DNSKEY, DS, dsOf, keyTag, SEP_FLAG, ZONE_FLAG } from '@portolan/dnssec/records'
import type { ZoneKeys } from './served-zone.ts'
import type { ZoneKey } from './sign.ts'

/** DNSSEC algorithm number (IANA). */
export type Algorithm = 8 | 13 | 15

/** IANA's digest type for SHA-256 (RFC 4509), the one that every validator knows. */
const SHA256 = 2
const DNSSEC_PROTOCOL = 3
const RSA_MODULUS_BITS = 2048

const generate = promisify(generateKeyPair)

/** A key-signing key and a zone-signing key, so that validators meet the split that most zones have. */
export async function makeZoneKeys(zone: Name, algorithm: Algorithm): Promise<ZoneKeys> {
  const [keySigning, zoneSigning] = await Promise.all([
    makeKey(algorithm, ZONE_FLAG | SEP_FLAG),
    makeKey(algorithm, ZONE_FLAG),
  ])
  const ds = await dsOf(zone, keySigning.dnskey, SHA256)
  return { keySigning, zoneSigning, ds: ds === undefined ? [] : [DS.encode(ds)] }
}

async function makeKey(algorithm: Algorithm, flags: number): Promise<ZoneKey> {
  const { publicKey, privateKey } = await generatePair(algorithm)
  const dnskey = DNSKEY.encode({ flags, protocol: DNSSEC_PROTOCOL, algorithm, publicKey: publicOctets(publicKey) })
  return {
    algorithm,
    keyTag: keyTag(dnskey),
    dnskey,
    sign: (data) => sign(algorithm === 15 ? null : 'sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  }
}

function generatePair(algorithm: Algorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (algorithm === 8) return generate('rsa', { modulusLength: RSA_MODULUS_BITS })
  return algorithm === 13 ? generate('ec', { namedCurve: 'P-256' }) : generate('ed25519')
}

/** RFC 3110 §2 (exponent length, exponent, modulus), RFC 6605 §4 (x and y), RFC 8080 §3. */
function publicOctets(key: KeyObject): Uint8Array {
  const jwk = key.export({ format: 'jwk' })
  const octets = (field: string | undefined) => Buffer.from(field ?? '', 'base64url')
  if (jwk.kty !== 'RSA') return Uint8Array.from([...octets(jwk.x), ...octets(jwk.y)])
  const exponent = octets(jwk.e)
  return Uint8Array.from([exponent.length, ...exponent, ...octets(jwk.n)])
}
