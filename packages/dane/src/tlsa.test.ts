import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTlsa, parseTlsa, TLSA } from './tlsa.ts'

const octet = fc.nat(255)
const record = fc.record({
  usage: octet,
  selector: octet,
  matchingType: octet,
  data: fc.uint8Array({ maxLength: 100 }),
})

describe('TLSA rdata and presentation form (RFC 6698 §2)', () => {
  it('decode(encode(x)) = x and parse(format(x)) = x', () => {
    fc.assert(
      fc.property(record, (tlsa) => {
        expect(TLSA.decode(TLSA.encode(tlsa))).toEqual(tlsa)
        expect(parseTlsa(formatTlsa(tlsa))).toEqual(tlsa)
      }),
    )
  })

  it('reads the example of RFC 6698 §2.3, parted by white space', () => {
    const data = 'd2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971'
    const text = `0 0 1 ( ${data.slice(0, 32)} ${data.slice(32)} )`.replace(/[()]/g, '')
    expect(formatTlsa(parseTlsa(text))).toBe(`0 0 1 ${data}`)
  })

  it('reads the mnemonics of RFC 7218', () => {
    expect(formatTlsa(parseTlsa('DANE-EE SPKI SHA2-256 AB'))).toBe('3 1 1 ab')
    expect(formatTlsa(parseTlsa('pkix-ta cert full'))).toBe('0 0 0 ')
  })

  it.each(['', '3', '3 1', '3 1 x ab', '256 0 0 ab', '3 1 1 a', '3 1 1 xy', '-1 0 0 ab'])('refuses %j', (text) => {
    expect(() => parseTlsa(text)).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
  })

  it('hostile rdata ends in a value or in our error', () => {
    for (const length of [0, 1, 2]) {
      expect(() => TLSA.decode(new Uint8Array(length))).toThrow(expect.objectContaining({ mnemonic: 'TLSA' }))
    }
    expect(() => TLSA.encode({ usage: 256, selector: 0, matchingType: 0, data: new Uint8Array() })).toThrow(
      '256 is no octet',
    )
  })
})
