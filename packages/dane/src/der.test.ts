import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elementAt, elementsIn, oidText, toHex } from './der.ts'
import { canonicalRdns } from './distinguished-name.ts'
import { frameCertificate, hasNamedParameters, isPublicKeyInfo } from './frame.ts'
import { make } from './testing/pki.ts'

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

describe('DER framing (X.690 §8.1, §10.1)', () => {
  it.each([
    ['a short length', '04 01 ff', { contentStart: 2, end: 3 }],
    ['a long length', `04 81 80 ${'00'.repeat(128)}`, { contentStart: 3, end: 131 }],
    ['nothing', '', undefined],
    ['a tag alone', '04', undefined],
    ['too few octets', '04 02 ff', undefined],
    ['an indefinite length', '30 80 00 00', undefined],
    ['a length that is longer than needed', '04 81 01 ff', undefined],
    ['a length with a leading zero', `04 82 00 80 ${'00'.repeat(128)}`, undefined],
    ['a tag of two octets', '1f 01 00', undefined],
    ['a length of four octets', '04 84 00 00 00 01 ff', undefined],
  ])('%s', (_title, hex, expected) => {
    const element = elementAt(octets(hex), 0)
    if (expected === undefined) expect(element).toBeUndefined()
    else expect(element).toMatchObject(expected)
  })

  it.each([
    ['55 1d 13', '2.5.29.19'],
    ['2a 86 48 86 f7 0d 01 01 0b', '1.2.840.113549.1.1.11'],
    ['88 37', '2.999'],
    ['27', '0.39'],
    ['69 ff ff ff ff ff ff ff ff 7f', `2.25.${2n ** 63n - 1n}`],
    ['', undefined],
    ['55 9d', undefined],
    ['55 80 1d', undefined],
    ['55 1d'.repeat(129), undefined],
  ])('the object identifier %s is %s (X.690 §8.19)', (hex, text) => {
    expect(oidText(octets(hex))).toBe(text)
  })

  it('elements fill their parent exactly', () => {
    const whole = octets('30 03 04 02 ff')
    const parent = elementAt(whole, 0)
    expect(parent && elementsIn(whole, parent)).toBeUndefined()
  })

  it('hostile octets end in a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(frameCertificate(any)).toBeUndefined()
        canonicalRdns(any)
        isPublicKeyInfo(any)
        hasNamedParameters(any)
      }),
    )
  })

  it('frames a certificate and nothing beside it', async () => {
    const { der, spki } = await make({ subject: 'CN=x' })
    const frame = frameCertificate(der)
    expect(frame && toHex(frame.spki)).toBe(toHex(spki))
    expect(isPublicKeyInfo(spki)).toBe(true)
    for (const bent of [der.subarray(1), der.subarray(0, -1), Uint8Array.of(...der, 0), spki]) {
      expect(frameCertificate(bent)).toBeUndefined()
    }
  })
})

describe('names compare as RFC 5280 §7.1 has it', () => {
  const name = (tag: string, text: string) => {
    const value = Buffer.from(text).toString('hex')
    const size = (hex: string) => (hex.length / 2).toString(16).padStart(2, '0')
    const attribute = `0603550403${tag}${size(value)}${value}`
    const inSet = `30${size(attribute)}${attribute}`
    return canonicalRdns(octets(`30${size(`31${size(inSet)}${inSet}`)}31${size(inSet)}${inSet}`))
  }
  const utf8 = '0c'
  const printable = '13'
  const bmp = '1e'

  it('whatever string type, case and white space', () => {
    expect(name(printable, 'Fleet  CA')).toEqual(name(utf8, ' fleet ca '))
    expect(name(utf8, 'Ünal')).toEqual(name(utf8, 'ünal'))
  })

  it('and not by more than that', () => {
    expect(name(utf8, 'fleet ca')).not.toEqual(name(utf8, 'fleetca'))
    expect(name(bmp, 'ab')).not.toEqual(name(utf8, 'ab'))
    expect(name(utf8, 'a"+550403="b')).toHaveLength(1)
  })

  it('the empty name is a name', () => expect(canonicalRdns(octets('3000'))).toEqual([]))
})
