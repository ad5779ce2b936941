import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance } from './advance.ts'
import { decide } from './decide.ts'
import { type Action, type Event, initialState, type Settings, type State } from './state.ts'
import { candidate, failure, planOf } from './testing/plan.ts'

const settings: Settings = {
  backoff: { baseMs: 1_000, maxMs: 60_000 },
  failureMarkMs: 60_000,
  stableAfterMs: 10_000,
  credentialRefusals: 3,
}
const b1 = candidate({ host: 'b1.fleet.test' })
const b2 = candidate({ host: 'b2.fleet.test' })
const b3 = candidate({ host: 'b3.fleet.test' })

/** A machine in virtual time: chance is always 0.5. */
function machine(start: State = initialState(settings)) {
  let state = start
  let nowMs = 1_000_000
  const at = {
    get state() {
      return state
    },
    get nowMs() {
      return nowMs
    },
    pass(durationMs: number) {
      nowMs += durationMs
      return at
    },
    on(...events: readonly Event[]) {
      for (const event of events) state = advance(state, event, nowMs, 0.5)
      return at
    },
    next: (): Action => decide(state, nowMs),
    /** `attempt b1.fleet.test. 127.0.0.1`, for reading. */
    says(): string {
      const action = at.next()
      if (action.do === 'attempt') {
        return `attempt ${action.candidate.target.host} ${action.addresses.map(({ address }) => address).join(' ')}`
      }
      if (action.do === 'wait') return `wait ${action.untilMs - nowMs}`
      return action.do === 'give-up' ? `give up: ${action.because}` : action.do
    },
    discovered(...candidates: readonly ReturnType<typeof candidate>[]) {
      at.on({ type: 'discovering' })
      for (const found of candidates) at.on({ type: 'candidate', candidate: found })
      return at.on({ type: 'plan', plan: planOf(candidates) })
    },
  }
  return at
}

const failed = (of = b1, address?: string): Event => ({
  type: 'failed',
  candidate: of,
  error: failure(of, 'mqtt/unreachable', address === undefined ? {} : { address }),
})
const refused = (of: typeof b1, reasonCode: number): Event => {
  const credentials = [4, 5, 0x86, 0x87, 0x8a, 0x8c].includes(reasonCode)
  const code = credentials ? 'mqtt/refused-credentials' : 'mqtt/refused'
  return { type: 'refused', candidate: of, error: failure(of, code, { reasonCode }) }
}
const lost = (of = b1, reasonCode?: number): Event => ({
  type: 'lost',
  candidate: of,
  error: failure(of, 'mqtt/closed', { reasonCode }),
})
const connected: Event = { type: 'connected' }
const roundOver: Event = { type: 'round-over' }

describe('the first connection', () => {
  it('discovers, and attempts the first candidate before the second is known', () => {
    const at = machine()
    expect(at.says()).toBe('discover')
    at.on({ type: 'discovering' })
    expect(at.says()).toBe('pull')
    at.on({ type: 'candidate', candidate: b1 })
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
    at.on(failed(b1))
    expect(at.says()).toBe('pull')
    at.on({ type: 'candidate', candidate: b2 })
    expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
  })

  it('gives up when every candidate was tried once', () => {
    const at = machine().discovered(b1, b2).on(failed(b1), failed(b2))
    expect(at.says()).toBe('give up: exhausted')
    expect(at.state.round.failures).toHaveLength(2)
  })

  it('gives up when discovery gives nothing', () => {
    const at = machine().on({ type: 'discovering' }, { type: 'discovery-failed', error: new Error('no DNS') })
    expect(at.says()).toBe('give up: exhausted')
  })

  it('tries the addresses that the race left over', () => {
    const both = candidate({ addresses: ['127.0.0.1', '127.0.0.2'] })
    const at = machine().discovered(both, b2).on(failed(both, '127.0.0.1'))
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.2')
    at.on(failed(both, '127.0.0.2'))
    expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
  })

  it('uses what it has just learnt although its TTL is 0 (RFC 1035 §3.2.1)', () => {
    const brief = candidate({ expiresAtMs: 0 })
    const at = machine().discovered(brief)
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
    expect(at.pass(30_000).says()).toBe('give up: exhausted')
  })
})

describe('a refused CONNECT', () => {
  it.each([
    [0x88, 'attempt b1.fleet.test. 127.0.0.2'],
    [0x89, 'attempt b1.fleet.test. 127.0.0.2'],
    [0x9f, 'attempt b1.fleet.test. 127.0.0.2'],
    [0x80, 'attempt b1.fleet.test. 127.0.0.2'],
    [0xee, 'attempt b1.fleet.test. 127.0.0.2'],
    [3, 'attempt b1.fleet.test. 127.0.0.2'],
    [0x97, 'attempt b2.fleet.test. 127.0.0.1'],
    [0x9c, 'attempt b2.fleet.test. 127.0.0.1'],
    [0x9d, 'attempt b2.fleet.test. 127.0.0.1'],
    [0x86, 'attempt b2.fleet.test. 127.0.0.1'],
    [0x87, 'attempt b2.fleet.test. 127.0.0.1'],
    [0x84, 'attempt b2.fleet.test. 127.0.0.1'],
    [4, 'attempt b2.fleet.test. 127.0.0.1'],
    [5, 'attempt b2.fleet.test. 127.0.0.1'],
    [1, 'attempt b2.fleet.test. 127.0.0.1'],
  ])('with code 0x%s is followed by the next address, or broker (MQTT 5 §3.2.2.2)', (code, next) => {
    const both = candidate({ addresses: ['127.0.0.1', '127.0.0.2'] })
    expect(machine().discovered(both, b2).on(refused(both, code)).says()).toBe(next)
  })

  it('for the credentials everywhere ends it, also long after the first connection', () => {
    const at = machine().discovered(b1, b2).on(connected).pass(60_000).on(lost(b1), { type: 'waited' })
    at.on(refused(b1, 0x87))
    expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
    expect(at.on(refused(b2, 0x86)).says()).toBe('give up: our-fault')
  })

  it('for the credentials by three brokers ends it, however many there are', () => {
    const many = Array.from({ length: 50 }, (_, i) => candidate({ host: `b${i}.fleet.test` }))
    const at = machine().discovered(...many)
    for (const one of many.slice(0, 3)) at.on(refused(one, 0x86))
    expect(at.says()).toBe('give up: our-fault')
  })

  it('for the credentials by one is not repeated there while the other is only down', () => {
    const at = machine().discovered(b1, b2).on(connected).pass(60_000).on(lost(b1), { type: 'waited' })
    at.on(refused(b1, 0x87), failed(b2))
    expect(at.says()).toBe('end-round')
    for (let round = 0; round < 5; round++) {
      at.on(roundOver, { type: 'waited' })
      expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
      at.on(failed(b2))
    }
    at.on(roundOver).pass(3_600_001)
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })

  it('for the request everywhere ends it too', () => {
    const at = machine().discovered(b1).on(connected).pass(60_000).on(lost(b1), { type: 'waited' })
    expect(at.on(refused(b1, 0x85)).says()).toBe('give up: our-fault')
  })

  it('for now (0x9c) bars the broker for five minutes, and the wait is no shorter', () => {
    const at = machine().discovered(b1).on(connected).pass(60_000).on(lost(b1), { type: 'waited' })
    at.on(refused(b1, 0x9c))
    expect(at.says()).toBe('end-round')
    expect(at.on(roundOver).says()).toBe('wait 300000')
    expect(at.pass(300_000).says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })

  it('for good (0x9d) waits for DNS to say otherwise', () => {
    const at = machine()
    const moved = candidate({ expiresAtMs: at.nowMs + 100_000 })
    at.discovered(moved).on(connected).pass(20_000).on(lost(moved), { type: 'waited' })
    at.on(refused(moved, 0x9d), roundOver)
    expect(at.says()).toBe('wait 80000')
    expect(at.pass(80_000).says()).toBe('discover')
  })
})

describe('a lost connection', () => {
  const up = () => machine().discovered(b1, b2).on(connected)

  it('is followed by the same order, after a drawn wait', () => {
    const at = up().pass(10_000).on(lost(b1))
    expect(at.says()).toBe('wait 500')
    expect(at.pass(500).says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })

  it('that had hardly begun counts as a failure: the others first, and longer waits each time', () => {
    const at = up().on(lost(b1))
    expect(at.says()).toBe('wait 1000')
    expect(at.pass(1_000).says()).toBe('attempt b2.fleet.test. 127.0.0.1')
    at.on(connected, lost(b2))
    expect(at.says()).toBe('wait 2000')
    at.on({ type: 'waited' }, connected).pass(10_000).on(lost(b2))
    expect(at.says()).toBe('wait 500')
  })

  it('by DISCONNECT with 0x8b goes to another broker', () => {
    expect(up().pass(60_000).on(lost(b1, 0x8b), { type: 'waited' }).says()).toBe('attempt b2.fleet.test. 127.0.0.1')
  })

  it('by a session take-over waits the longest, so that two with one client id do not throw each other out', () => {
    const at = up().pass(60_000).on(lost(b1, 0x8e))
    expect(at.says()).toBe('wait 60000')
    expect(at.on({ type: 'waited' }).says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })

  it('never gives up because brokers are down: round follows round with doubled ceilings up to the greatest', () => {
    const at = up().pass(60_000).on(lost(b1), { type: 'waited' })
    const waits = Array.from({ length: 8 }, () => {
      at.on(failed(b1), failed(b2))
      expect(at.says()).toBe('end-round')
      const wait = at.on(roundOver).says()
      at.on({ type: 'waited' })
      return wait
    })
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000].map((ms) => `wait ${ms}`))
  })

  it('prefers what did not fail lately, and goes back to it only after the others', () => {
    const at = up().pass(60_000).on(lost(b1), { type: 'waited' }, failed(b1), failed(b2), roundOver, { type: 'waited' })
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
    at.on(failed(b1)).pass(60_000)
    expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
  })

  it('waits no longer when the clock was set back meanwhile', () => {
    const at = up().pass(60_000).on(lost(b1), { type: 'waited' }, refused(b1, 0x9d), refused(b2, 0x9d), roundOver)
    at.pass(-1_000_000).on({ type: 'waited' })
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })
})

it('a candidate that was learnt anew takes the place of the old one', () => {
  const renewed = candidate({ host: 'b1.fleet.test', facts: { dane: 'new' } })
  const action = machine().discovered(b1, b2).on({ type: 'renewed', from: b1, to: renewed }).next()
  expect(action).toMatchObject({ do: 'attempt', candidate: { facts: { dane: 'new' } } })
})

describe('renewal of the plan', () => {
  function expiring() {
    const at = machine()
    const soon = candidate({ host: 'b1.fleet.test', expiresAtMs: at.nowMs + 20_000 })
    const later = candidate({ host: 'b2.fleet.test', expiresAtMs: at.nowMs + 90_000 })
    at.discovered(soon, later).on(connected)
    return { at, soon, later }
  }

  it('is not asked for while the plan holds', () => {
    const { at, soon } = expiring()
    expect(at.pass(15_000).on(lost(soon), { type: 'waited' }).says()).toBe('attempt b1.fleet.test. 127.0.0.1')
  })

  it('comes before the first attempt once it has expired', () => {
    const { at, soon } = expiring()
    expect(at.pass(20_000).on(lost(soon), { type: 'waited' }).says()).toBe('discover')
    at.on({ type: 'discovering' })
    expect(at.says()).toBe('pull')
    expect(at.on({ type: 'candidate', candidate: b3 }).says()).toBe('attempt b3.fleet.test. 127.0.0.1')
  })

  it('that fails keeps the last good order, without what has expired', () => {
    const { at, soon, later } = expiring()
    at.pass(20_000).on(lost(soon), { type: 'waited' }, { type: 'discovering' })
    at.on({ type: 'discovery-failed', error: new Error('no DNS') })
    expect(at.says()).toBe('attempt b2.fleet.test. 127.0.0.1')
    expect(at.on(failed(later)).says()).toBe('end-round')
    at.on(roundOver).pass(100_000)
    expect(at.says()).toBe('discover')
    at.on({ type: 'discovering' }, { type: 'discovery-failed', error: new Error('no DNS') })
    expect(at.says()).toBe('end-round')
  })

  it('does not bring back what expires while a round walks the order', () => {
    const at = machine()
    const expires = candidate({ host: 'b2.fleet.test', expiresAtMs: at.nowMs + 12_000 })
    at.discovered(b1, expires).on(connected).pass(11_000).on(lost(b1), { type: 'waited' })
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
    expect(at.on(failed(b1)).pass(2_000).says()).toBe('end-round')
  })

  it('happens once a round, also where every TTL is 0', () => {
    const at = machine().discovered(b1).on(connected).pass(20_000)
    const brief = candidate({ expiresAtMs: 0 })
    at.on(lost(b1), { type: 'waited' }).discovered(brief)
    expect(at.says()).toBe('attempt b1.fleet.test. 127.0.0.1')
    expect(at.on(failed(brief)).says()).toBe('end-round')
    expect(at.on(roundOver, { type: 'waited' }).says()).toBe('discover')
  })

  it('does not use in a later round what only a TTL of 0 had excused', () => {
    const brief = candidate({ expiresAtMs: 0 })
    const at = machine().discovered(brief).on(connected, lost(brief), { type: 'waited' }, { type: 'discovering' })
    at.on({ type: 'discovery-failed', error: new Error('no DNS') })
    expect(at.says()).toBe('end-round')
  })
})

describe('laws', () => {
  const outcomes = fc.array(fc.constantFrom('failed', 'lost', 0x80, 0x88, 0x97, 0x9c, 0x9d, 0x86, 0x85), {
    maxLength: 60,
  })

  it('whatever the brokers answer, no way in is tried twice in a round, and a step always follows or it ends', () => {
    fc.assert(
      fc.property(outcomes, (script) => {
        const at = machine().discovered(b1, b2, b3).on(connected).pass(60_000).on(lost(b1))
        const tried = new Set<string>()
        for (const outcome of script) {
          const action = at.next()
          if (action.do === 'give-up') return
          if (action.do === 'attempt') {
            const key = action.candidate.target.host
            expect(tried.has(key)).toBe(false)
            tried.add(key)
            if (outcome === 'lost') at.on(connected, lost(action.candidate))
            else at.on(typeof outcome === 'number' ? refused(action.candidate, outcome) : failed(action.candidate))
            if (outcome === 'lost') tried.clear()
          } else if (action.do === 'wait') {
            expect(action.untilMs).toBeGreaterThan(at.nowMs)
            at.pass(action.untilMs - at.nowMs)
          } else if (action.do === 'end-round') {
            at.on(roundOver)
            tried.clear()
          }
        }
      }),
    )
  })
})
