/** What the validator needs of a platform's cryptography; `#crypto` is one implementation, chosen by package.json. */

/** At once, or later: WebCrypto always, Node for what is worth a thread. */
export type Awaitable<T> = T | Promise<T>

export type DigestName = 'SHA-1' | 'SHA-256' | 'SHA-384'

/** A public key that this platform can use; opaque, made once and kept. */
export type ImportedKey = { readonly verify: (signature: Uint8Array, data: Uint8Array) => Awaitable<boolean> }

export interface PlatformCrypto {
  readonly digest: (name: DigestName, data: Uint8Array) => Awaitable<Uint8Array>
  /** SHA-1 of data and salt, then `iterations` more times of the result and salt (RFC 5155 §5). */
  readonly iteratedSha1: (data: Uint8Array, salt: Uint8Array, iterations: number) => Awaitable<Uint8Array>
  /** Whether this platform can verify signatures of a DNSSEC algorithm number at all. */
  readonly supports: (algorithm: number) => boolean
  /** `undefined` where the octets are no key of that algorithm. */
  readonly importKey: (key: PublicKeyFields) => Awaitable<ImportedKey | undefined>
}

/** A public key taken apart, sizes checked. */
export type PublicKeyFields =
  | {
      readonly kind: 'rsa'
      readonly algorithm: number
      readonly hash: 'SHA-1' | 'SHA-256' | 'SHA-512'
      readonly modulus: Uint8Array
      readonly exponent: Uint8Array
    }
  | {
      readonly kind: 'ecdsa'
      readonly algorithm: number
      readonly curve: 'P-256' | 'P-384'
      readonly hash: 'SHA-256' | 'SHA-384'
      readonly x: Uint8Array
      readonly y: Uint8Array
    }
  | { readonly kind: 'eddsa'; readonly algorithm: number; readonly curve: 'Ed25519' | 'Ed448'; readonly x: Uint8Array }
