import { describe, expect, it } from 'vitest'
import { canonicalRdns } from './distinguished-name.ts'

/** A Name of one attribute, organizationName, as a string of the type `tag`. */
function organization(tag: number, ...octets: readonly number[]): Uint8Array {
  const attribute = [0x06, 3, 0x55, 0x04, 0x0a, tag, octets.length, ...octets]
  return Uint8Array.of(0x30, attribute.length + 4, 0x31, attribute.length + 2, 0x30, attribute.length, ...attribute)
}

const ascii = (text: string) => [...new TextEncoder().encode(text)]

describe('names compared (RFC 5280 §7.1)', () => {
  const evil = canonicalRdns(organization(0x0c, ...ascii('Evil')))

  it.each([
    ['PrintableString', organization(0x13, ...ascii('Evil')), true],
    ['BMPString', organization(0x1e, 0, 0x45, 0, 0x76, 0, 0x69, 0, 0x6c), true],
    ['UniversalString', organization(0x1c, 0, 0, 0, 0x45, 0, 0, 0, 0x76, 0, 0, 0, 0x69, 0, 0, 0, 0x6c), true],
    ['other letters and spaces', organization(0x0c, ...ascii(' eVIL  ')), true],
    ['other text', organization(0x0c, ...ascii('Evill')), false],
    ['octets that are no text', organization(0x04, ...ascii('Evil')), false],
  ])('%s', (_title, name, same) => {
    expect(evil).toBeDefined()
    expect(JSON.stringify(canonicalRdns(name)) === JSON.stringify(evil)).toBe(same)
  })

  it('T61String counts as Latin-1', () => {
    expect(canonicalRdns(organization(0x14, 0xc9))).toEqual(canonicalRdns(organization(0x0c, 0xc3, 0xa9)))
  })

  it.each([
    ['UTF-8 that is none', organization(0x0c, 0x41, 0xff)],
    ['three quarters of a character', organization(0x1c, 0, 0, 0)],
    ['a character beyond all', organization(0x1c, 0, 0x11, 0, 0)],
    ['half a surrogate pair', organization(0x1e, 0xd8, 0)],
    ['a type that is no object identifier', Uint8Array.of(0x30, 9, 0x31, 7, 0x30, 5, 6, 0, 0x0c, 1, 0x41)],
  ])('%s makes the name unreadable: nobody could say what it equals', (_title, name) => {
    expect(canonicalRdns(name)).toBeUndefined()
  })
})
