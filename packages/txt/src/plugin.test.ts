import { discover, MalformedRecordError, NOT_JUDGED, parseName, type Unproved } from '@portolan/core'
import { bogusError, type FakeAnswer, fakeLookup, TEST_SECURE, timeoutError } from '@portolan/core/testing'
import { describe, expect, it } from 'vitest'
import { hintRecord } from './hint.ts'
import { txt } from './plugin.ts'

const SERVICE = '_secure-mqtt._tcp.fleet.test.'
const insecure: Unproved<'insecure'> = {
  security: 'insecure',
  reason: 'no-ds',
  detail: 'fleet.test has no DS',
  chain: [],
}
const strings = (...all: readonly string[]) => all.map((text) => new TextEncoder().encode(text))
const HINT = hintRecord(['SCRAM-SHA-256', 'EXTERNAL'])
const unreadable = { malformed: [new MalformedRecordError('TXT', 'a string of 9 octets with 1 left')] }

async function factsOf(txtAnswer: FakeAnswer | Error | undefined, srvAnswer: Partial<FakeAnswer> = {}) {
  const targets = ['b1', 'b2'].map((host) => ({
    priority: 0,
    weight: 1,
    port: 8883,
    target: parseName(`${host}.fleet.test`),
  }))
  const lookup = fakeLookup({
    [`${SERVICE} SRV`]: { records: targets, ...srvAnswer },
    'b1.fleet.test. A': { records: ['192.0.2.1'] },
    'b2.fleet.test. A': { records: ['192.0.2.2'] },
    ...(txtAnswer === undefined ? {} : { [`${SERVICE} TXT`]: txtAnswer }),
  })
  const plan = await discover('fleet.test', { lookup, plugins: [txt()] })
  expect(plan.vetoed).toEqual([])
  return { facts: plan.candidates.map(({ facts }) => facts.txt), asked: lookup.asked }
}

describe('a hint', () => {
  it('is offered for each target, in the operator’s order, and asked for once', async () => {
    const { facts, asked } = await factsOf({ records: [HINT], expiresAtMs: 9_000 })
    const fact = { status: 'offered', mechanisms: ['SCRAM-SHA-256', 'EXTERNAL'], owner: SERVICE, expiresAtMs: 9_000 }
    expect(facts).toEqual([fact, fact])
    expect(asked.filter((question) => question.endsWith('TXT'))).toEqual([`${SERVICE} TXT`])
  })

  it('is found among other TXT records at the name', async () => {
    const { facts } = await factsOf({
      records: [strings('v=spf1 -all'), HINT, strings('v=mqtt2', 'sasl=X'), strings('')],
    })
    expect(facts[0]).toMatchObject({ status: 'offered' })
  })

  it('says where it stands, at the end of aliases', async () => {
    const { facts } = await factsOf({ records: [HINT], canonicalName: parseName('mqtt.cloud.test') })
    expect(facts[0]).toMatchObject({ status: 'offered', owner: 'mqtt.cloud.test.' })
  })
})

describe('no hint', () => {
  it.each<[string, FakeAnswer | undefined, string]>([
    ['proved absent', undefined, 'secure'],
    ['absent without proof', { absence: 'nodata', proof: insecure }, 'insecure'],
    ['other records only', { records: [strings('v=spf1 -all')] }, 'secure'],
    ['other records only, without proof', { records: [strings('v=spf1 -all')], proof: NOT_JUDGED }, 'indeterminate'],
    ['a record that does not speak of mechanisms', { records: [strings('v=mqtt1')] }, 'secure'],
  ])('%s', async (_, answer, security) => {
    expect((await factsOf(answer)).facts[0]).toMatchObject({ status: 'absent', security })
  })
})

describe('a hint is withheld', () => {
  it.each<[string, FakeAnswer | Error, RegExp]>([
    ['insecure', { records: [HINT], proof: insecure }, /no DS/],
    ['indeterminate', { records: [HINT], proof: NOT_JUDGED }, /nobody|no validator/],
    ['bogus', bogusError(SERVICE, 'TXT'), /bogus/],
    ['lookup-failed', timeoutError(SERVICE, 'TXT'), /no answer/],
    ['malformed', { records: [strings('v=mqtt1', 'sasl=plain')] }, /"plain"/],
    ['malformed', { records: [HINT], ...unreadable }, /9 octets/],
    ['ambiguous', { records: [HINT, hintRecord(['PLAIN'])] }, /2 hint records/],
    ['insecure', { records: [strings('v=mqtt1', 'sasl=plain')], proof: insecure }, /no DS/],
    ['insecure', { ...unreadable, proof: insecure }, /no DS/],
  ])('%s', async (reason, answer, detail) => {
    const { facts } = await factsOf(answer)
    expect(facts[0]).toEqual({ status: 'withheld', reason, detail: expect.stringMatching(detail) })
  })

  it.each([insecure, NOT_JUDGED])('where the SRV records are not secure', async (proof) => {
    const { facts } = await factsOf({ records: [HINT] }, { proof })
    expect(facts[0]).toMatchObject({ status: 'withheld', reason: 'srv-not-secure' })
  })

  it('and its mechanisms are nowhere in the fact', async () => {
    const { facts } = await factsOf({ records: [HINT], proof: insecure })
    expect(JSON.stringify(facts)).not.toContain('SCRAM')
  })
})

it('is withheld where nobody inspected the service', async () => {
  const context = { lookup: fakeLookup({}), now: () => 0, random: () => 0 }
  const service = {
    domain: parseName('fleet.test'),
    name: parseName(SERVICE),
    transport: 'tcp',
    tls: true,
    proof: TEST_SECURE,
    fallback: false,
  } as const
  const host = parseName('b1.fleet.test')
  const target = { service, host, priority: 0, weight: 0, port: 8883, addresses: () => Promise.reject(new Error()) }
  expect(await txt().inspect(target, Promise.resolve(undefined), context)).toMatchObject({ status: 'withheld' })
})

it('rejects with the caller’s reason when aborted', async () => {
  const reason = new Error('enough')
  const context = { lookup: fakeLookup({}), signal: AbortSignal.abort(reason), now: () => 0, random: () => 0 }
  const service = { domain: parseName('fleet.test'), name: parseName(SERVICE) }
  await expect(txt().inspectService?.(service, context)).rejects.toBe(reason)
})
