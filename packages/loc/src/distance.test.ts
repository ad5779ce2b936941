import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceMetres } from './distance.ts'

const place = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
})

describe('distanceMetres', () => {
  it.each([
    ['one degree along the equator', 0, 0, 0, 1, 111_319],
    ['equator to pole', 0, 0, 90, 0, 10_001_966],
    ['across the date line', 0, 179.5, 0, -179.5, 111_319],
    ['Flinders Peak to Buninyon (Vincenty)', -37.95103342, 144.42486789, -37.65282114, 143.92649553, 54_972],
    ['a place to itself', 52.5, 13.4, 52.5, 13.4, 0],
  ])('%s', (_, fromLatitude, fromLongitude, toLatitude, toLongitude, metres) => {
    const from = { latitude: fromLatitude, longitude: fromLongitude }
    const to = { latitude: toLatitude, longitude: toLongitude }
    expect(Math.abs(distanceMetres(from, to) - metres)).toBeLessThanOrEqual(1)
  })

  it('gives a number for places nearly opposite each other, where Vincenty’s formula has none', () => {
    const metres = distanceMetres({ latitude: 0, longitude: 0 }, { latitude: 0.5, longitude: 179.7 })
    expect(metres).toBeGreaterThan(19_800_000)
    expect(metres).toBeLessThan(20_040_000)
  })

  it('is finite, not negative, symmetric to a metre, and never more than half way round', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const there = distanceMetres(a, b)
        expect(there).toBeGreaterThanOrEqual(0)
        expect(there).toBeLessThan(20_100_000)
        expect(Math.abs(there - distanceMetres(b, a))).toBeLessThanOrEqual(1)
      }),
    )
  })
})
