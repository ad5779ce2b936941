import { isPortolanError } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributesOf } from './attributes.ts'
import { TXT } from './txt.ts'

const octets = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const texts = (strings: readonly Uint8Array[]) => strings.map((string) => String.fromCharCode(...string))
const read = (...strings: readonly string[]) =>
  [...attributesOf(strings.map(octets)).values()].map(({ key, value }) => [key, value && String.fromCharCode(...value)])

describe('TXT on the wire (RFC 1035 §3.3.14)', () => {
  it('reads the example of RFC 6763 §6.6', () => {
    expect(texts(TXT.decode(octets('\x09key=value\x08paper=A4\x07passreq')))).toEqual([
      'key=value',
      'paper=A4',
      'passreq',
    ])
  })

  it('takes a record without strings for one empty string (RFC 6763 §6.1)', () => {
    expect(texts(TXT.decode(octets('')))).toEqual([''])
    expect(texts(TXT.decode(octets('\x00')))).toEqual([''])
  })

  it.each(['\x01', '\x05abcd', '\x01a\xff'])('refuses %j, a string that ends after the record', (rdata) => {
    expect(() => TXT.decode(octets(rdata))).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
  })

  it.each<[string, Uint8Array[]]>([
    ['no string', []],
    ['a string of 256 octets', [new Uint8Array(256)]],
    ['more than rdata holds', Array.from({ length: 256 }, () => new Uint8Array(255))],
  ])('does not encode %s', (_, strings) => {
    expect(() => TXT.encode(strings)).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
  })

  it('decode gives back the strings that encode wrote', () => {
    const strings = fc.array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(strings, (all) => {
        expect(TXT.decode(TXT.encode(all))).toEqual(all)
      }),
    )
  })

  it('any octets end in a value or our error, and in the same octets again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (rdata) => {
        try {
          expect(TXT.encode(TXT.decode(rdata))).toEqual(rdata)
        } catch (error) {
          if (!isPortolanError(error)) throw error
        }
      }),
    )
  })

  it('copies out of the message', () => {
    const message = octets('\x02ab')
    const strings = TXT.decode(message)
    message.fill(0)
    expect(texts(strings)).toEqual(['ab'])
  })
})

describe('attributes (RFC 6763 §6.4–6.5)', () => {
  it.each<[string, string[], unknown[]]>([
    ['present with a value', ['key=value'], [['key', 'value']]],
    ['present with an empty value', ['plugins='], [['plugins', '']]],
    ['present without a value', ['passreq'], [['passreq', undefined]]],
    ['everything after the first "=" is the value', ['a=b=c='], [['a', 'b=c=']]],
    ['case is ignored in keys, kept in values', ['PaperSize=A4'], [['papersize', 'A4']]],
    ['only the first of several counts', ['k=1', 'K=2', 'k'], [['k', '1']]],
    ['spaces belong to keys and values', [' k = v '], [[' k ', ' v ']]],
    ['quotation marks belong to the value', ['k="v"'], [['k', '"v"']]],
    ['a missing key is ignored', ['=x', ''], []],
    ['a key that is not printable ASCII is ignored', ['k\x1f=1', 'k\x7f=1', 'ké=1', 'k=1'], [['k', '1']]],
    ['a value may be any octets', ['k=\x00\xff'], [['k', '\x00\xff']]],
  ])('%s', (_, strings, attributes) => {
    expect(read(...strings)).toEqual(attributes)
  })

  it('takes long strings too', () => {
    expect(attributesOf([new Uint8Array(300_000).fill(0x61)]).size).toBe(1)
  })
})
