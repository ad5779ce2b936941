/** Both implementations of the platform's cryptography say the same of the same keys and signatures. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { nameToWire, parseName } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { publicKeyFields } from './algorithms.ts'
import { crypto as nodeCrypto } from './crypto.node.ts'
import { crypto as webCrypto } from './crypto.ts'
import { base32hex } from './records/nsec3.ts'

const data = new TextEncoder().encode('what is signed')

/** The public key as DNSKEY has it (RFC 3110 §2, RFC 6605 §4, RFC 8080 §3), from its JWK. */
function publicKeyOf(key: KeyObject): Uint8Array {
  const { n, e, x, y } = key.export({ format: 'jwk' })
  const [exponent, modulus, first, second] = [e, n, x, y].map((text) => Buffer.from(text ?? '', 'base64url'))
  if (n !== undefined && exponent !== undefined)
    return Uint8Array.from([exponent.length, ...exponent, ...(modulus ?? [])])
  return Uint8Array.from([...(first ?? []), ...(second ?? [])])
}

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits })
const rows = [
  { algorithm: 5, keys: rsa(1024), hash: 'sha1' },
  { algorithm: 7, keys: rsa(1024), hash: 'sha1' },
  { algorithm: 8, keys: rsa(2048), hash: 'sha256' },
  { algorithm: 10, keys: rsa(2048), hash: 'sha512' },
  { algorithm: 13, keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256' },
  { algorithm: 14, keys: generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha384' },
  { algorithm: 15, keys: generateKeyPairSync('ed25519'), hash: null },
  { algorithm: 16, keys: generateKeyPairSync('ed448'), hash: null },
] as const

describe.each([
  ['Node', nodeCrypto],
  ['WebCrypto', webCrypto],
])('%s', (_, platform) => {
  it.each(rows.filter(({ algorithm }) => platform.supports(algorithm)))(
    'verifies algorithm $algorithm',
    async ({ algorithm, keys, hash }) => {
      const fields = publicKeyFields({ flags: 257, protocol: 3, algorithm, publicKey: publicKeyOf(keys.publicKey) })
      if (fields === undefined) throw new Error('no key')
      const key = await platform.importKey(fields)
      const signature = new Uint8Array(sign(hash, data, { key: keys.privateKey, dsaEncoding: 'ieee-p1363' }))
      expect(await key?.verify(signature, data)).toBe(true)
      for (let bit = 0; bit < signature.length * 8; bit += 37) {
        const forged = signature.slice()
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await key?.verify(forged, data)).toBe(false)
      }
      for (const wrong of [
        new Uint8Array(),
        signature.slice(1),
        Uint8Array.from([...signature, 0]),
        new Uint8Array(signature.length),
      ]) {
        expect(await key?.verify(wrong, data)).toBe(false)
      }
    },
  )

  it('hashes (RFC 5155 appendix A, FIPS 180-4 of "abc")', async () => {
    const hash = await platform.iteratedSha1(nameToWire(parseName('example.')), Buffer.from('aabbccdd', 'hex'), 12)
    expect(base32hex(hash)).toBe('0p9mhaveqvm6t7vbl5lop2u3t2rp3tom')
    const abc = new TextEncoder().encode('abc')
    const names = ['SHA-1', 'SHA-256', 'SHA-384'] as const
    const digests = await Promise.all(names.map((name) => platform.digest(name, abc)))
    expect(digests.map((digest) => Buffer.from(digest).toString('hex'))).toEqual([
      'a9993e364706816aba3e25717850c26c9cd0d89d',
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ])
  })

  it('makes no key of a point that is not on the curve', async () => {
    const fields = publicKeyFields({ flags: 257, protocol: 3, algorithm: 13, publicKey: new Uint8Array(64).fill(5) })
    if (fields === undefined) throw new Error('refused before')
    expect(await platform.importKey(fields)).toBeUndefined()
  })
})

it('hands a few signatures at a time to the threads of Node, and verifies the others at once', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const fields = publicKeyFields({ flags: 257, protocol: 3, algorithm: 15, publicKey: publicKeyOf(publicKey) })
  const key = fields && (await nodeCrypto.importKey(fields))
  if (key === undefined) throw new Error('no key')
  const signature = new Uint8Array(sign(null, data, privateKey))
  for (const isRight of [true, false, true]) {
    const verdicts = Array.from({ length: 20 }, () => key.verify(isRight ? signature : signature.toReversed(), data))
    expect(verdicts.map((verdict) => typeof verdict)).toEqual([
      ...Array.from({ length: 16 }, () => 'object'),
      ...Array.from({ length: 4 }, () => 'boolean'),
    ])
    expect(await Promise.all(verdicts)).toEqual(Array.from({ length: 20 }, () => isRight))
  }
})

it('has no Ed448 in WebCrypto', () => {
  expect(webCrypto.supports(16)).toBe(false)
})

describe('public keys (RFC 3110 §2)', () => {
  const modulus = new Uint8Array(128).fill(0xff)
  const fieldsOf = (...publicKey: readonly number[]) =>
    publicKeyFields({ flags: 257, protocol: 3, algorithm: 8, publicKey: Uint8Array.from(publicKey) })

  it('reads both forms of the exponent length, and passes over leading zeros', () => {
    const short = fieldsOf(3, 1, 0, 1, ...modulus)
    expect(short).toMatchObject({ exponent: Uint8Array.from([1, 0, 1]), modulus })
    expect(fieldsOf(0, 0, 3, 1, 0, 1, ...modulus)).toEqual(short)
    expect(fieldsOf(4, 0, 1, 0, 1, 0, ...modulus)).toEqual(short)
  })

  it.each([
    ['nothing', []],
    ['no exponent', [0, 0, 0, ...modulus]],
    ['an exponent that is longer than the key', [200, 1, 0, 1]],
    ['exponent 1, with which anybody can sign', [1, 1, ...modulus]],
    ['an even exponent', [1, 4, ...modulus]],
    ['an even modulus', [1, 3, ...modulus.slice(1), 2]],
    ['a modulus below 512 bits', [1, 3, ...modulus.slice(0, 63)]],
    ['a modulus above 4096 bits (RFC 5702 §2)', [1, 3, ...new Uint8Array(513).fill(0xff)]],
    ['an exponent of more than 64 bits', [9, ...new Uint8Array(9).fill(1), ...modulus]],
  ])('refuses %s', (_, octets) => {
    expect(fieldsOf(...octets)).toBeUndefined()
  })

  it('refuses RSA/SHA-512 below 1024 bits (RFC 5702 §2.2)', () => {
    const publicKey = Uint8Array.from([1, 3, ...modulus.slice(1)])
    expect(publicKeyFields({ flags: 257, protocol: 3, algorithm: 8, publicKey })).toBeDefined()
    expect(publicKeyFields({ flags: 257, protocol: 3, algorithm: 10, publicKey })).toBeUndefined()
  })

  it.each([
    [13, 63],
    [13, 65],
    [14, 64],
    [15, 31],
    [16, 32],
    [1, 64],
    [253, 64],
  ])('refuses algorithm %i with a key of %i octets', (algorithm, length) => {
    expect(
      publicKeyFields({ flags: 257, protocol: 3, algorithm, publicKey: new Uint8Array(length).fill(1) }),
    ).toBeUndefined()
  })
})
