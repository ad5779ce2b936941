import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { fullJitterMs } from './backoff.ts'

const backoff = { baseMs: 1_000, maxMs: 120_000 }

it.each([
  [0, 0, 0],
  [0, 0.999, 999],
  [3, 0.5, 4_000],
  [20, 0.5, 60_000],
  [5_000, 0.5, 60_000],
])('after %s failed rounds, chance %s gives %s ms', (rounds, chance, waitMs) => {
  expect(fullJitterMs(backoff, rounds, chance)).toBe(waitMs)
})

it('is never above the ceiling and never negative', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (rounds, chance) => {
      const waitMs = fullJitterMs(backoff, rounds, chance)
      expect(waitMs >= 0 && waitMs < backoff.maxMs).toBe(true)
    }),
  )
})
