import { parseName, type RecordType } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base32hex,
  compareNames,
  DNSKEY,
  DS,
  dsOf,
  keyTag,
  NSEC,
  NSEC3,
  NSEC3PARAM,
  nsec3Hash,
  RRSIG,
} from '../records.ts'
import { decodeTypeBitmap, encodeTypeBitmap } from './type-bitmap.ts'

const octets = (text: string) => Uint8Array.from(atob(text.replaceAll(' ', '')), (c) => c.charCodeAt(0))
const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

describe('DS and key tag', () => {
  it('agree with the example of RFC 4034 §5.4', async () => {
    const publicKey = octets(
      'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
    )
    const rdata = DNSKEY.encode({ flags: 256, protocol: 3, algorithm: 5, publicKey })
    expect(keyTag(rdata)).toBe(60485)
    const ds = await dsOf(parseName('dskey.example.com'), rdata, 1)
    expect(ds?.digest).toEqual(hex('2BB183AF5F22588179A53B0A98631FAD1A292118'))
  })
  it('have no digest for types that are not computed', async () => {
    expect(await dsOf(parseName('example'), new Uint8Array(20), 3)).toBeUndefined()
  })
})

describe('NSEC3 hash (RFC 5155 appendix A)', () => {
  const parameters = { hashAlgorithm: 1, iterations: 12, salt: hex('aabbccdd') }
  it.each([
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
  ])('of %s', async (name, hash) => {
    expect(base32hex((await nsec3Hash(parseName(name), parameters)) ?? new Uint8Array())).toBe(hash)
  })
})

it('orders names as RFC 4034 §6.1 does', () => {
  const ordered = [
    'example',
    'a.example',
    'yljkjljk.a.example',
    'Z.a.example',
    'zABC.a.EXAMPLE',
    'z.example',
    '\\001.z.example',
    '*.z.example',
    '\\200.z.example',
  ].map(parseName)
  expect([...ordered].reverse().sort(compareNames)).toEqual(ordered)
})

describe('codecs', () => {
  const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })
  const name = fc.constantFrom('.', 'example', 'a.b.example', '\\000.example').map(parseName)
  const types = fc.uniqueArray(fc.nat(65535)).map((list) => new Set(list))
  const u8 = fc.nat(255)
  const u16 = fc.nat(65535)
  const u32 = fc.nat(0xffffffff)
  const parameters = { hashAlgorithm: u8, flags: u8, iterations: u16, salt: bytes(255) }
  const rows: readonly (readonly [RecordType<unknown>, fc.Arbitrary<unknown>])[] = [
    [DNSKEY, fc.record({ flags: u16, protocol: u8, algorithm: u8, publicKey: bytes(40, 1) })],
    [DS, fc.record({ keyTag: u16, algorithm: u8, digestType: u8, digest: bytes(48, 1) })],
    [NSEC, fc.record({ nextName: name, types })],
    [NSEC3, fc.record({ ...parameters, nextHashedOwner: bytes(255, 1), types })],
    [NSEC3PARAM, fc.record(parameters)],
    [
      RRSIG,
      fc.record({
        typeCovered: u16,
        algorithm: u8,
        labels: u8,
        originalTtlSeconds: u32,
        expiration: u32,
        inception: u32,
        keyTag: u16,
        signer: name,
        signature: bytes(64),
      }),
    ],
  ]
  it.each(rows.map(([type, value]) => ({ mnemonic: type.mnemonic, type, value })))(
    '$mnemonic reads back what it writes',
    ({ type, value }) => {
      fc.assert(
        fc.property(value, (v) => {
          expect(type.decode(type.encode(v))).toEqual(v)
        }),
      )
    },
  )
  it.each(rows.map(([type]) => ({ mnemonic: type.mnemonic, type })))(
    '$mnemonic ends hostile octets in a value or MalformedRecordError',
    ({ type }) => {
      fc.assert(
        fc.property(bytes(80), (rdata) => {
          try {
            type.decode(rdata)
          } catch (error) {
            expect(error).toHaveProperty('code', 'core/malformed-record')
          }
        }),
      )
    },
  )
})

it.each([
  ['windows out of order', '010101000101'],
  ['the same window twice', '000140000140'],
  ['an empty window', '0000'],
  ['a window of 33 octets', `0021${'01'.repeat(33)}`],
  ['a window that ends early', '000440'],
])('refuses type bit maps with %s (RFC 4034 §4.1.2)', (_, bitmap) => {
  expect(() => decodeTypeBitmap('NSEC', hex(bitmap), 0)).toThrow(/malformed NSEC/)
})

it('writes the bit map of RFC 4034 §4.3', () => {
  expect(encodeTypeBitmap([1, 15, 46, 47, 1234])).toEqual(hex(`0006400100000003041b${'00'.repeat(26)}20`))
})
