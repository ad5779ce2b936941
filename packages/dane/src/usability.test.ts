import { beforeAll, describe, expect, it } from 'vitest'
import { type Made, make } from './testing/pki.ts'
import { formatTlsa, parseTlsa, type Tlsa } from './tlsa.ts'
import { sortByUsability, strongestDigests, unusableBecause } from './usability.ts'

const HEX_256 = 'ab'.repeat(32)
const HEX_512 = 'cd'.repeat(64)
const usages = [0, 1, 2, 3] as const

describe('usability of one record (RFC 6698 §4.1, RFC 7671 §4)', () => {
  let made: Made
  beforeAll(async () => {
    made = await make({ subject: 'CN=x' })
  })

  it.each([
    [`3 1 1 ${HEX_256}`, undefined],
    [`2 0 2 ${HEX_512}`, undefined],
    [`4 1 1 ${HEX_256}`, 'unknown-usage'],
    [`255 1 1 ${HEX_256}`, 'unknown-usage'],
    [`3 2 1 ${HEX_256}`, 'unknown-selector'],
    [`3 1 3 ${HEX_256}`, 'unknown-matching-type'],
    [`3 1 1 ${HEX_512}`, 'digest-length'],
    [`3 1 2 ${HEX_256}`, 'digest-length'],
    ['3 1 1', 'digest-length'],
    ['3 0 0', 'malformed-certificate'],
    ['3 1 0 3000', 'malformed-key'],
  ])('%s', (text, reason) => {
    expect(unusableBecause(parseTlsa(text), { usages })).toBe(reason)
  })

  it('full data: exactly one certificate, or exactly one key', () => {
    const full = (selector: number, data: Uint8Array): Tlsa => ({ usage: 3, selector, matchingType: 0, data })
    const trailing = (octets: Uint8Array) => Uint8Array.of(...octets, 0)
    expect(unusableBecause(full(0, made.der))).toBeUndefined()
    expect(unusableBecause(full(1, made.spki))).toBeUndefined()
    for (const data of [made.spki, trailing(made.der), made.der.subarray(0, -1)]) {
      expect(unusableBecause(full(0, data))).toBe('malformed-certificate')
    }
    for (const data of [made.der, trailing(made.spki), made.spki.subarray(0, -1)]) {
      expect(unusableBecause(full(1, data))).toBe('malformed-key')
    }
    expect(unusableBecause(full(0, made.der), { isReadable: () => false })).toBe('malformed-certificate')
  })

  it('counts usages 3 and 2 unless told otherwise (RFC 7671 §4)', () => {
    const records = usages.map((usage) => parseTlsa(`${usage} 1 1 ${HEX_256}`))
    const { usable, unusable } = sortByUsability(records)
    expect(usable.map(({ usage }) => usage)).toEqual([2, 3])
    expect(unusable.map(({ reason }) => reason)).toEqual(['usage-not-enabled', 'usage-not-enabled'])
  })
})

describe('digest agility (RFC 7671 §9)', () => {
  const kept = (...texts: readonly string[]) =>
    strongestDigests(sortByUsability(texts.map(parseTlsa), { usages }).usable).map((record) =>
      formatTlsa(record).slice(0, 5),
    )

  it.each([
    ['the stronger digest alone', [`3 1 1 ${HEX_256}`, `3 1 2 ${HEX_512}`], ['3 1 2']],
    ['for each selector by itself', [`3 1 1 ${HEX_256}`, `3 0 2 ${HEX_512}`], ['3 1 1', '3 0 2']],
    ['for each usage by itself', [`3 1 1 ${HEX_256}`, `2 1 2 ${HEX_512}`], ['3 1 1', '2 1 2']],
    ['an unusable stronger one displaces nothing', [`3 1 1 ${HEX_256}`, '3 1 2 ab'], ['3 1 1']],
    ['all of the strongest', [`3 1 2 ${HEX_512}`, `3 1 2 ${'ee'.repeat(64)}`], ['3 1 2', '3 1 2']],
  ])('%s', (_title, texts, expected) => expect(kept(...texts)).toEqual(expected))

  it('full data always counts', async () => {
    const { spki } = await make({ subject: 'CN=x' })
    expect(kept(formatTlsa({ usage: 3, selector: 1, matchingType: 0, data: spki }), `3 1 2 ${HEX_512}`)).toEqual([
      '3 1 0',
      '3 1 2',
    ])
  })
})
