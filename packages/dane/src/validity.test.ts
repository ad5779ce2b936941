import { describe, expect, it } from 'vitest'
import { readValidity } from './validity.ts'

const UTC = 0x17
const GENERALIZED = 0x18

function validity(tag: number, text: string): Uint8Array {
  const time = [tag, text.length, ...new TextEncoder().encode(text)]
  return Uint8Array.of(0x30, 2 * time.length, ...time, ...time)
}

describe('dates of certificates (RFC 5280 §4.1.2.5)', () => {
  it.each([
    [UTC, '491231235959Z', '2049-12-31T23:59:59Z'],
    [UTC, '500101000000Z', '1950-01-01T00:00:00Z'],
    [UTC, '000229000000Z', '2000-02-29T00:00:00Z'],
    [GENERALIZED, '20500101000000Z', '2050-01-01T00:00:00Z'],
    [GENERALIZED, '99991231235959Z', '9999-12-31T23:59:59Z'],
  ])('%i %s', (tag, text, iso) => {
    expect(readValidity(validity(tag, text))).toEqual({ notBeforeMs: Date.parse(iso), notAfterMs: Date.parse(iso) })
  })

  it.each([
    ['no seconds', UTC, '4912312359Z'],
    ['an offset', UTC, '491231235959+0100'],
    ['no Z', UTC, '491231235959'],
    ['a fraction', GENERALIZED, '20500101000000.5Z'],
    ['month 13', UTC, '491331235959Z'],
    ['30 February', UTC, '490230000000Z'],
    ['29 February of a common year', GENERALIZED, '20510229000000Z'],
    ['24 o’clock', UTC, '491231240000Z'],
    ['a sixtieth second', UTC, '491231235960Z'],
    ['a long form under the short tag', UTC, '20491231235959Z'],
    ['a short form under the long tag', GENERALIZED, '491231235959Z'],
    ['another type', 0x0c, '491231235959Z'],
    ['nothing', UTC, ''],
    ['letters', UTC, 'never-ever-ZZ'],
  ])('refuses %s', (_title, tag, text) => expect(readValidity(validity(tag, text))).toBeUndefined())

  it('refuses one date, and three', () => {
    const two = validity(UTC, '491231235959Z')
    const date = two.subarray(2, 17)
    expect(readValidity(Uint8Array.of(0x30, 15, ...date))).toBeUndefined()
    expect(readValidity(Uint8Array.of(0x30, 45, ...date, ...date, ...date))).toBeUndefined()
  })
})
