/** Cryptography of Node, which is OpenSSL's: what takes longer than a hop to another thread runs there. */
import { createHash, createPublicKey, type KeyObject, verify as nodeVerify } from 'node:crypto'
import type { ImportedKey, PlatformCrypto, PublicKeyFields } from './platform.ts'

const HASH = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const

export const crypto: PlatformCrypto = {
  digest: (name, data) => new Uint8Array(createHash(HASH[name]).update(data).digest()),
  iteratedSha1(data, salt, iterations) {
    let hash: Uint8Array = createHash('sha1').update(data).update(salt).digest()
    for (let i = 0; i < iterations; i++) hash = createHash('sha1').update(hash).update(salt).digest()
    return hash
  },
  supports: () => true,
  importKey(fields) {
    try {
      return usable(fields, createPublicKey({ key: jwkOf(fields), format: 'jwk' }))
    } catch {
      // OpenSSL refuses points off the curve and the like: such a key verifies nothing.
      return undefined
    }
  },
}

/**
 * Enough to keep the four threads of Node's pool (UV_THREADPOOL_SIZE) at work until the event loop comes round. With a long
 * line they never rest, and keep the processor that the event loop waits for.
 */
const MAX_ON_THREADS = 16
let onThreads = 0

function usable(fields: PublicKeyFields, key: KeyObject): ImportedKey {
  const hash = fields.kind === 'eddsa' ? null : HASH[fields.hash]
  const options = fields.kind === 'ecdsa' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : key
  const verifyHere = (signature: Uint8Array, data: Uint8Array) => {
    try {
      return nodeVerify(hash, data, options, signature)
    } catch {
      // Some OpenSSL builds throw for signatures of a wrong shape instead of saying no.
      return false
    }
  }
  const verifyOnThread = (signature: Uint8Array, data: Uint8Array) =>
    new Promise<boolean>((resolve) => {
      onThreads++
      const end = (holds: boolean) => {
        onThreads--
        resolve(holds)
      }
      try {
        nodeVerify(hash, data, options, signature, (error, holds) => end(error === null && holds))
      } catch {
        end(false)
      }
    })
  // RSA is verified in less time than it takes to hand it to a thread and back.
  const isQuick = fields.kind === 'rsa'
  return {
    verify: (signature, data) =>
      isQuick || onThreads >= MAX_ON_THREADS ? verifyHere(signature, data) : verifyOnThread(signature, data),
  }
}

function jwkOf(fields: PublicKeyFields): { readonly [member: string]: string } {
  if (fields.kind === 'rsa') return { kty: 'RSA', n: base64url(fields.modulus), e: base64url(fields.exponent) }
  if (fields.kind === 'eddsa') return { kty: 'OKP', crv: fields.curve, x: base64url(fields.x) }
  return { kty: 'EC', crv: fields.curve, x: base64url(fields.x), y: base64url(fields.y) }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url')
}
