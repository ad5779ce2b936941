/** Cryptography of the web platform (WebCrypto). Ed448 is not in it: algorithm 16 counts as unsupported there. */
import type { ImportedKey, PlatformCrypto, PublicKeyFields } from './platform.ts'

const ED448 = 16

export const crypto: PlatformCrypto = {
  digest: async (name, data) => new Uint8Array(await globalThis.crypto.subtle.digest(name, bufferOf(data))),
  async iteratedSha1(data, salt, iterations) {
    let hash = await sha1(data, salt)
    for (let i = 0; i < iterations; i++) hash = await sha1(hash, salt)
    return hash
  },
  supports: (algorithm) => algorithm !== ED448,
  async importKey(fields) {
    try {
      const parameters = parametersOf(fields)
      const key = await globalThis.crypto.subtle.importKey('jwk', jwkOf(fields), parameters, false, ['verify'])
      return usable(parameters, key)
    } catch {
      // A point off the curve, or an algorithm that this browser lacks: such a key verifies nothing.
      return undefined
    }
  },
}

interface Parameters {
  readonly name: string
  readonly hash?: string
  readonly namedCurve?: string
}

function usable(parameters: Parameters, key: CryptoKey): ImportedKey {
  return {
    async verify(signature, data) {
      try {
        return await globalThis.crypto.subtle.verify(parameters, key, bufferOf(signature), bufferOf(data))
      } catch {
        return false
      }
    },
  }
}

async function sha1(data: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  const both = new Uint8Array(data.length + salt.length)
  both.set(data)
  both.set(salt, data.length)
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-1', both))
}

function parametersOf(fields: PublicKeyFields): Parameters {
  if (fields.kind === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: fields.hash }
  if (fields.kind === 'ecdsa') return { name: 'ECDSA', namedCurve: fields.curve, hash: fields.hash }
  return { name: fields.curve }
}

function jwkOf(fields: PublicKeyFields): JsonWebKey {
  if (fields.kind === 'rsa') return { kty: 'RSA', n: base64url(fields.modulus), e: base64url(fields.exponent) }
  if (fields.kind === 'eddsa') return { kty: 'OKP', crv: fields.curve, x: base64url(fields.x) }
  return { kty: 'EC', crv: fields.curve, x: base64url(fields.x), y: base64url(fields.y) }
}

function base64url(octets: Uint8Array): string {
  const text = btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** A copy over an ArrayBuffer of its own: what WebCrypto's types ask for, and nobody can write to it meanwhile. */
function bufferOf(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets)
}
