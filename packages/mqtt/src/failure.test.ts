import { parseName } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import type { AttemptCode, ConnectErrorCode } from './errors.ts'
import { connectError } from './failure.ts'
import { candidate, failure } from './testing/plan.ts'

const nothing = { domain: 'fleet.test', attempts: [], refusals: [], vetoed: [], discoveryError: undefined }
const attempts = (...codes: readonly AttemptCode[]) =>
  codes.map((code, i) => failure(candidate({ host: `b${i + 1}.fleet.test` }), code))

describe('the code of a connection that did not come about', () => {
  it.each([
    [['mqtt/unreachable'], 'mqtt/no-broker'],
    [['mqtt/unreachable', 'mqtt/timeout'], 'mqtt/no-broker'],
    [['mqtt/timeout', 'mqtt/timeout'], 'mqtt/timeout'],
    [['mqtt/timeout', 'mqtt/tls-refused'], 'mqtt/no-broker'],
    [['mqtt/tls-refused', 'mqtt/tls-refused'], 'mqtt/tls-refused'],
    [['mqtt/refused-credentials', 'mqtt/timeout'], 'mqtt/no-broker'],
    [['mqtt/refused', 'mqtt/refused'], 'mqtt/refused'],
    [[], 'mqtt/no-broker'],
  ] satisfies [AttemptCode[], ConnectErrorCode][])('%s: %s', (codes, expected) => {
    expect(connectError({ ...nothing, attempts: attempts(...codes) }).code).toBe(expected)
  })

  it('is that of the refusals where they end it, and each attempt stands once', () => {
    const [refused, late] = attempts('mqtt/refused-credentials', 'mqtt/timeout')
    if (refused === undefined || late === undefined) throw new Error('two are needed')
    const error = connectError({ ...nothing, refusals: [refused], attempts: [refused, late] })
    expect(error.code).toBe('mqtt/refused-credentials')
    expect(error.attempts).toEqual([refused, late])
    const [request] = attempts('mqtt/refused')
    expect(connectError({ ...nothing, refusals: request === undefined ? [] : [request] }).code).toBe('mqtt/refused')
  })
})

it('says what happened at each, what was not tried, and how discovery ended', () => {
  const vetoed = [
    { host: parseName('b9.fleet.test'), port: 8883, code: 'dane/bogus', cause: new Error('TLSA is bogus') },
  ]
  const discoveryError = new Error('DNS is gone')
  const error = connectError({
    ...nothing,
    attempts: attempts('mqtt/unreachable', 'mqtt/timeout'),
    vetoed,
    discoveryError,
  })
  expect(error.message.split('\n  ')).toEqual([
    'no broker of fleet.test took the connection',
    'b1.fleet.test:8883 (127.0.0.1): failed for the test',
    'b2.fleet.test:8883 (127.0.0.1): failed for the test',
    'b9.fleet.test:8883: not tried: TLSA is bogus',
    'discovery: DNS is gone',
  ])
  expect(error.cause).toBe(discoveryError)
})

it('stays readable with a thousand brokers', () => {
  const many = attempts(...Array.from({ length: 1_000 }, () => 'mqtt/timeout' as const))
  const lines = connectError({ ...nothing, attempts: many }).message.split('\n')
  expect(lines).toHaveLength(14)
  expect(lines.at(-1)).toBe('  and 988 more')
})
