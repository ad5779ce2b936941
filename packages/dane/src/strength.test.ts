import { describe, expect, it } from 'vitest'
import { curveStrengthBits, floorBits, rsaStrengthBits, signatureStrengthBits } from './strength.ts'

describe('strength of keys and signatures (NIST SP 800-57 part 1, OpenSSL security levels)', () => {
  it.each([
    [1024, 80],
    [2047, 80],
    [2048, 112],
    [3072, 128],
    [7680, 192],
    [15360, 256],
    [512, 1],
  ])('RSA %i: %i bits', (modulusBits, bits) => expect(rsaStrengthBits(modulusBits)).toBe(bits))

  it.each([
    ['prime256v1', 128],
    ['secp384r1', 192],
    ['secp521r1', 256],
    ['prime192v1', 96],
    [undefined, 0],
  ])('%s: %i bits', (curve, bits) => expect(curveStrengthBits(curve)).toBe(bits))

  const sha256 = Uint8Array.from(Buffer.from('300f a00d 300b 0609 608648016503040201'.replaceAll(' ', ''), 'hex'))
  it.each<[string, string, Uint8Array | undefined, number]>([
    ['md5WithRSA', '1.2.840.113549.1.1.4', undefined, 39],
    ['sha1WithRSA', '1.2.840.113549.1.1.5', undefined, 63],
    ['ecdsa-with-SHA256', '1.2.840.10045.4.3.2', undefined, 128],
    ['Ed448', '1.3.101.113', undefined, 224],
    ['RSASSA-PSS with SHA-256', '1.2.840.113549.1.1.10', sha256, 128],
    ['RSASSA-PSS with its default, SHA-1 (RFC 4055 §3.1)', '1.2.840.113549.1.1.10', Uint8Array.of(0x30, 0), 63],
    ['RSASSA-PSS without parameters', '1.2.840.113549.1.1.10', undefined, 0],
    ['an unknown one', '1.2.3', undefined, 0],
  ])('%s', (_title, oid, parameters, bits) => expect(signatureStrengthBits({ oid, parameters })).toBe(bits))

  it('level 2 is 112 bits: RSA-2048 passes, SHA-1 does not', () => {
    expect([0, 1, 2, 3, 4, 5].map((level) => floorBits(level as 0))).toEqual([0, 80, 112, 128, 192, 256])
  })
})
