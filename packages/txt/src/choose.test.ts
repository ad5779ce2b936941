import { parseName } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseMechanism } from './choose.ts'
import type { TxtFact, WithheldReason } from './fact.ts'

const REASONS: readonly WithheldReason[] = [
  'insecure',
  'indeterminate',
  'srv-not-secure',
  'bogus',
  'lookup-failed',
  'malformed',
  'ambiguous',
]
const offered = (...mechanisms: readonly string[]): TxtFact => ({
  status: 'offered',
  mechanisms,
  owner: parseName('_secure-mqtt._tcp.fleet.test'),
  expiresAtMs: 0,
})

describe('chooseMechanism', () => {
  it.each<[string, TxtFact, string[], unknown]>([
    [
      'the application’s order rules, not the server’s',
      offered('PLAIN', 'SCRAM-SHA-256'),
      ['SCRAM-SHA-256', 'PLAIN'],
      { mechanism: 'SCRAM-SHA-256', because: 'hint' },
    ],
    ['the hint narrows', offered('PLAIN'), ['SCRAM-SHA-256', 'PLAIN'], { mechanism: 'PLAIN', because: 'hint' }],
    [
      'the hint never widens',
      offered('PLAIN'),
      ['SCRAM-SHA-256'],
      { mechanism: undefined, because: 'nothing-in-common', offered: ['PLAIN'] },
    ],
    [
      'without a hint: the first allowed',
      { status: 'absent', security: 'insecure', expiresAtMs: 0 },
      ['SCRAM-SHA-256', 'PLAIN'],
      { mechanism: 'SCRAM-SHA-256', because: 'application' },
    ],
  ])('%s', (_, fact, allowed, choice) => expect(chooseMechanism(fact, allowed)).toEqual(choice))

  it.each(REASONS)('a hint withheld (%s) never leads past the first allowed one: no downgrade', (reason) => {
    const fact = { status: 'withheld', reason, detail: '' } as const
    expect(chooseMechanism(fact, ['SCRAM-SHA-256', 'PLAIN'])).toEqual({
      mechanism: 'SCRAM-SHA-256',
      because: 'application',
    })
  })

  it('gives only what is allowed', () => {
    const names = fc.uniqueArray(fc.constantFrom('PLAIN', 'EXTERNAL', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'OAUTHBEARER'), {
      minLength: 1,
    })
    fc.assert(
      fc.property(names, names, (server, allowed) => {
        const { mechanism } = chooseMechanism(offered(...server), allowed)
        const common = allowed.filter((name) => server.includes(name))
        expect(mechanism).toBe(common[0])
      }),
    )
  })

  it.each([[[]], [['plain']], [['PLAIN', '']]])('refuses %j as what is allowed', (allowed) => {
    expect(() => chooseMechanism(offered('PLAIN'), allowed)).toThrow(
      expect.objectContaining({ code: 'core/invalid-option', option: 'mechanisms' }),
    )
  })
})
