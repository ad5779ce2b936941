import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryTimer } from './retry-timer.ts'

describe('retryTimer (RFC 6298)', () => {
  it('waits 400 ms before anything was measured, then twice that, at most 3 s', () => {
    const timer = retryTimer()
    expect([0, 1, 2, 3].map((tries) => timer.timeoutMs(tries))).toEqual([400, 800, 1_600, 3_000])
  })

  it('starts from the first round trip R with R + 4·R/2 (§2.2) and follows the next ones (§2.3)', () => {
    const timer = retryTimer()
    timer.observe(100)
    expect(timer.timeoutMs(0)).toBe(300)
    timer.observe(200)
    // RTTVAR = 3/4·50 + 1/4·100, SRTT = 7/8·100 + 1/8·200
    expect(timer.timeoutMs(0)).toBe(112.5 + 4 * 62.5)
  })

  it('leaves 25 ms for jitter where round trips are all alike (§2.3)', () => {
    const timer = retryTimer()
    for (let i = 0; i < 100; i++) timer.observe(80)
    expect(timer.timeoutMs(0)).toBe(105)
  })

  it('never waits less than 50 ms or more than 3 s', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), fc.nat(10), (roundTrips, tries) => {
        const timer = retryTimer()
        for (const one of roundTrips) timer.observe(one)
        expect(timer.timeoutMs(tries)).toBeGreaterThanOrEqual(50)
        expect(timer.timeoutMs(tries)).toBeLessThanOrEqual(3_000)
      }),
    )
  })
})
