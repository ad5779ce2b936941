import { isPortolanError } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOC, positionOf } from './loc.ts'
import { formatLoc, parseLoc } from './presentation.ts'

/**
 * Presentation as a zone file has it; as dig writes it; the rdata that named (BIND 9.18.49) put on the wire for it
 * (`dig +unknownformat`). The first five are the examples of RFC 1876 §4.
 */
const AS_NAMED_HAS_IT = [
  [
    '42 21 54 N 71 06 18 W -24m 30m',
    '42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m',
    '0033161389172DD070BE15F000988D20',
  ],
  [
    '42 21 43.952 N 71 5 6.344 W -24m 1m 200m',
    '42 21 43.952 N 71 5 6.344 W -24.00m 1m 200m 10m',
    '001224138917069070BF2DD800988D20',
  ],
  ['52 14 05 N 00 08 50 E 10m', '52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m', '001216138B3556C88008165000989A68'],
  ['32 7 19 S 116 2 25 E 10m', '32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m', '00121613791B7D2898E6486800989A68'],
  [
    '42 21 28.764 N 71 00 51.617 W -44m 2000m',
    '42 21 28.764 N 71 0 51.617 W -44.00m 2000m 10000m 10m',
    '002516138916CB3C70C310DF00988550',
  ],
  [
    '90 S 180 W -100000.00 0.00 0 0.01',
    '90 0 0.000 S 180 0 0.000 W -100000.00m 0.00m 0.00m 0.01m',
    '000000106CB0270059604E0000000000',
  ],
  [
    '0 0 0.001 N 0 0 0.001 W 42849672.95m 90000000.00m 12m 0.99m',
    '0 0 0.001 N 0 0 0.001 W 42849672.95m 90000000m 10m 0.90m',
    '00991391800000017FFFFFFFFFFFFFFF',
  ],
  ['1 N 2 E 0m', '1 0 0.000 N 2 0 0.000 E 0.00m 1m 10000m 10m', '001216138036EE80806DDD0000989680'],
  [
    '1 2 N 2 59 59.999 E -0.05m 1.5m 1234m 0.2m',
    '1 2 0.000 N 2 59 59.999 E -0.05m 1m 1000m 0.20m',
    '001215218038C34080A4CB7F0098967B',
  ],
  ['0 S 0 W 0.5 99m', '0 0 0.000 N 0 0 0.000 E 0.50m 90m 10000m 10m', '009316138000000080000000009896B2'],
] as const

describe('LOC on the wire (RFC 1876 §2)', () => {
  it.each(AS_NAMED_HAS_IT)('%s: octets as named sends them', (text, _, hex) => {
    expect(hexOf(LOC.encode(parseLoc(text)))).toBe(hex)
  })

  it('reads every field', () => {
    expect(LOC.decode(octets('001224138917069070BF2DD800988D20'))).toEqual({
      latitude: (42 * 3600 + 21 * 60 + 43.952) / 3600,
      longitude: -(71 * 3600 + 5 * 60 + 6.344) / 3600,
      altitudeMetres: -24,
      sizeMetres: 1,
      horizontalPrecisionMetres: 200,
      verticalPrecisionMetres: 10,
    })
  })

  it('gives the accuracy as a radius: "to get a plus or minus value, divide by 2"', () => {
    const position = positionOf(LOC.decode(octets('001224138917069070BF2DD800988D20')))
    expect(position).toMatchObject({ accuracy: 100, altitude: -24 })
  })

  it.each([
    ['empty', ''],
    ['15 octets', '0033161389172DD070BE15F000988D'],
    ['17 octets', '0033161389172DD070BE15F000988D2000'],
    ['version 1', '0133161389172DD070BE15F000988D20'],
    ['version 1 of another length', '01'],
    ['a size whose digit is 10', '00A3161389172DD070BE15F000988D20'],
    ['a size whose exponent is 10', '003A161389172DD070BE15F000988D20'],
    ['a zero size with an exponent', '0003161389172DD070BE15F000988D20'],
    ['an undefined horizontal precision', '0033FF1389172DD070BE15F000988D20'],
    ['an undefined vertical precision', '0033161F89172DD070BE15F000988D20'],
    ['a latitude north of the pole', '00331613934FD90170BE15F000988D20'],
    ['a latitude south of the pole', '003316136CB026FF70BE15F000988D20'],
    ['a longitude past 180° east', '0033161389172DD0A69FB20100988D20'],
    ['a longitude past 180° west', '0033161389172DD059604DFF00988D20'],
  ])('refuses %s', (_, hex) => {
    expect(() => LOC.decode(octets(hex))).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
  })

  it.each(['00331613934FD90070BE15F000988D20', '0033161389172DD0A69FB20000988D20'])(
    'accepts %s, exactly at the pole or the date line',
    (hex) => expect(hexOf(LOC.encode(LOC.decode(octets(hex))))).toBe(hex),
  )

  it('any octets end in a value or our error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (rdata) => {
        try {
          LOC.decode(rdata)
        } catch (error) {
          expect(isPortolanError(error)).toBe(true)
        }
      }),
    )
  })

  it('encode gives back the octets that decode read', () => {
    const magnitude = fc.oneof(
      fc.constant(0),
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })).map(([d, e]) => (d << 4) | e),
    )
    const rdata = fc
      .tuple(magnitude, magnitude, magnitude, angle(90), angle(180), fc.integer({ min: 0, max: 0xffff_ffff }))
      .map(([size, horizontal, vertical, latitude, longitude, altitude]) => {
        const field = new DataView(new ArrayBuffer(16))
        for (const [i, octet] of [0, size, horizontal, vertical].entries()) field.setUint8(i, octet)
        for (const [i, word] of [latitude, longitude, altitude].entries()) field.setUint32(4 + 4 * i, word)
        return new Uint8Array(field.buffer)
      })
    fc.assert(
      fc.property(rdata, (octets) => {
        expect(LOC.encode(LOC.decode(octets))).toEqual(octets)
        expect(LOC.encode(parseLoc(formatLoc(LOC.decode(octets))))).toEqual(octets)
      }),
    )
  })

  it('reads rdata that lies within a larger buffer', () => {
    const rdata = octets('001224138917069070BF2DD800988D20')
    const message = new Uint8Array(40)
    message.set(rdata, 7)
    expect(LOC.decode(message.subarray(7, 23))).toEqual(LOC.decode(rdata))
  })

  it.each([
    { latitude: 90.1 },
    { latitude: Number.NaN },
    { longitude: -180.1 },
    { altitudeMetres: -100_000.01 },
    { altitudeMetres: 42_849_672.96 },
    { sizeMetres: -1 },
    { horizontalPrecisionMetres: 90_000_001 },
    { verticalPrecisionMetres: Number.NaN },
  ])('does not encode %j', (fault) => {
    const loc = { ...parseLoc('1 N 1 E 0'), ...fault }
    expect(() => LOC.encode(loc)).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
  })
})

describe('LOC in zone files (RFC 1876 §3)', () => {
  it.each(AS_NAMED_HAS_IT)('%s: as dig writes it', (text, asDigWritesIt, hex) => {
    expect(formatLoc(parseLoc(text))).toBe(asDigWritesIt)
    expect(formatLoc(LOC.decode(octets(hex)))).toBe(asDigWritesIt)
  })

  it.each([
    ['', 'no latitude'],
    ['42 21 54 71 06 18 W 0', 'no latitude'],
    ['N 1 E 0', 'no latitude'],
    ['1 1 1 1 N 1 E 0', 'no latitude'],
    ['1 N 1 0', 'no longitude'],
    ['1 E 1 N 0', 'latitude'],
    ['91 N 1 E 0', '91'],
    ['-1 N 1 E 0', '-1'],
    ['1.5 N 1 E 0', '1.5'],
    ['90 0 0.001 N 1 E 0', 'not within'],
    ['0 N 180 0 1 W 0', 'not within'],
    ['42 60 N 0 E 0', '60'],
    ['42 0 60 N 0 E 0', '60'],
    ['42 0 0.0001 N 0 E 0', '0.0001'],
    ['1 N 1 E', 'altitude is missing'],
    ['1 N 1 E 1km', '1km'],
    ['1 N 1 E 42849672.96', '42849672.96'],
    ['1 N 1 E -100000.01', '-100000.01'],
    ['1 N 1 E 0.001', '0.001'],
    ['1 N 1 E 5 -1', '-1'],
    ['1 N 1 E 0 90000000.01', '90000000.01'],
    ['1 N 1 E 0 1 1 1 1', 'too much'],
  ])('refuses %j', (text, part) => {
    expect(() => parseLoc(text)).toThrow(expect.objectContaining({ code: 'core/malformed-record' }))
    expect(() => parseLoc(text)).toThrow(part)
  })

  it('any text ends in a value or our error', () => {
    const words = fc.constantFrom('1', '90', '180', '59.999', 'N', 'S', 'E', 'W', '-5m', '0.01m', 'x', '', '1e3')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 14 }).map((all) => all.join(' ')),
        ),
        (text) => {
          try {
            parseLoc(text)
          } catch (error) {
            expect(isPortolanError(error)).toBe(true)
          }
        },
      ),
    )
  })
})

function angle(limitDegrees: number) {
  const limit = limitDegrees * 3_600_000
  return fc
    .oneof(fc.integer({ min: -limit, max: limit }), fc.constantFrom(-limit, limit, 0))
    .map((value) => 2 ** 31 + value)
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}
