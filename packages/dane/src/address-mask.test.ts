import { describe, expect, it } from 'vitest'
import { hasGappedMask } from './address-mask.ts'

/** NameConstraints with one excluded range. */
function excluded(...range: readonly number[]): Uint8Array {
  const base = [0x87, range.length, ...range]
  return Uint8Array.of(0x30, base.length + 4, 0xa1, base.length + 2, 0x30, base.length, ...base)
}

describe('masks in name constraints (RFC 5280 §4.2.1.10, RFC 4632)', () => {
  it.each([
    ['/24', [192, 0, 2, 0, 255, 255, 255, 0], false],
    ['/0', [0, 0, 0, 0, 0, 0, 0, 0], false],
    ['/31', [192, 0, 2, 0, 255, 255, 255, 254], false],
    ['an octet left out', [192, 0, 2, 0, 255, 0, 255, 0], true],
    ['a bit left out', [192, 0, 2, 0, 255, 255, 253, 0], true],
  ] as const)('%s', (_title, range, gapped) => expect(hasGappedMask(excluded(...range))).toBe(gapped))

  it('octets that are no constraints have none', () => {
    expect(hasGappedMask(Uint8Array.of(0x30, 9, 1))).toBe(false)
  })
})
