import { parseName } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Located, LocFact } from './fact.ts'
import { type LocPolicy, preferenceOf } from './policy.ts'

const BAND = 200_000
const POLICIES: readonly LocPolicy[] = ['bands', 'nearest', 'gravity']

function at(distanceMetres: number, { accuracy = 5_000, nearAccuracyMetres = 0 } = {}): Located {
  return {
    status: 'located',
    source: 'target',
    owner: parseName('b1.fleet.test'),
    position: { latitude: 0, longitude: 0, altitude: 0, accuracy },
    distanceMetres,
    nearAccuracyMetres,
    security: 'secure',
    expiresAtMs: 0,
  }
}

describe('bands', () => {
  it.each([
    [0, 0, '0 km, band 0–200 km'],
    [199_999, 0, '200 km, band 0–200 km'],
    [200_000, 1, '200 km, band 200–400 km'],
    [432_100, 2, '432 km, band 400–600 km'],
    [20_003_931, 100, '20004 km, band 20000–20200 km'],
  ])('%d m is band %d', (distance, tier, because) => {
    expect(preferenceOf(at(distance), 'bands', BAND)).toEqual({ tier, weightFactor: 1, because })
  })

  it('leaves weights alone, so that capacity survives geography', () => {
    fc.assert(
      fc.property(fc.nat(20_000_000), (distance) => preferenceOf(at(distance), 'bands', BAND).weightFactor === 1),
    )
  })

  it('is never narrower than the circle that the client itself is in', () => {
    const doubtful = { nearAccuracyMetres: 300_000 }
    expect(preferenceOf(at(590_000, doubtful), 'bands', BAND)).toMatchObject({
      tier: 0,
      because: '590 km, band 0–600 km',
    })
    expect(preferenceOf(at(610_000, doubtful), 'bands', BAND).tier).toBe(1)
  })
})

describe('nearest', () => {
  it('orders by distance alone', () => {
    expect(preferenceOf(at(1_001), 'nearest', BAND).tier).toBeGreaterThan(preferenceOf(at(1_000), 'nearest', BAND).tier)
  })
})

describe('gravity', () => {
  it('keeps one tier and quarters the weight at the width of a band', () => {
    const [near, far] = [preferenceOf(at(0), 'gravity', BAND), preferenceOf(at(BAND), 'gravity', BAND)]
    expect([near.tier, far.tier]).toEqual([0, 0])
    expect(near.weightFactor / far.weightFactor).toBeCloseTo(4)
    expect(far.because).toBe('200 km, weight × 0.25')
  })

  it('leaves a weight of 1 above zero at the other end of the world', () => {
    expect(Math.round(preferenceOf(at(20_003_931), 'gravity', 1_000_000).weightFactor)).toBeGreaterThan(0)
  })
})

describe.each(POLICIES)('%s', (policy) => {
  it.each<[string, LocFact, string]>([
    ['without LOC', { status: 'absent', security: 'secure', expiresAtMs: 0 }, 'no LOC'],
    ['of unknown place', { status: 'unknown', reason: 'bogus', detail: '' }, 'place unknown (bogus)'],
    ['whose place is vaguer than a band', at(0, { accuracy: 250_000 }), 'place known only within 250 km'],
  ])('puts one %s after all others', (_, fact, because) => {
    expect(preferenceOf(fact, policy, BAND)).toEqual({ tier: Infinity, weightFactor: 1, because })
  })

  it('never prefers what is farther', () => {
    fc.assert(
      fc.property(fc.nat(20_100_000), fc.nat(20_100_000), (a, b) => {
        const [near, far] = [Math.min(a, b), Math.max(a, b)].map((distance) => preferenceOf(at(distance), policy, BAND))
        expect(near?.tier).toBeLessThanOrEqual(far?.tier ?? Number.NaN)
        expect(near?.weightFactor).toBeGreaterThanOrEqual(far?.weightFactor ?? Number.NaN)
      }),
    )
  })
})
