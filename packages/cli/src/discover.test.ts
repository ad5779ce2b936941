import { A, parseName, SRV } from '@portolan/core'
import { type Fleet, startFleet, startTestbed, type Testbed } from '@portolan/testbed'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { main } from './command/main.ts'
import { recordedIo } from './command/testing/io.ts'
import { composeLookup } from './compose.ts'
import { discover } from './discover.ts'
import { reportSchema } from './report/schema.ts'

const SINGAPORE = { latitude: 1.35, longitude: 103.82 }
const FRANKFURT = { latitude: 50.11, longitude: 8.68 }
const SERVICE = '_secure-mqtt._tcp.fleet.test'

let testbed: Testbed
let fleet: Fleet
beforeAll(async () => {
  testbed = await startTestbed()
  fleet = await startFleet(testbed)
})
afterEach(() => testbed.heal())
afterAll(() => testbed?.close())

const there = () => ({ servers: [testbed.resolver], trustAnchors: testbed.trustAnchors })

describe('discover, composed with the defaults', () => {
  it.each([
    ['Singapore', SINGAPORE, 'singapore.fleet.test.'],
    ['Frankfurt', FRANKFURT, 'frankfurt.fleet.test.'],
  ])('finds the broker in %s first from there', async (_title, near, first) => {
    const plan = await discover('fleet.test', { ...there(), near })
    expect(plan.candidates.map(({ target }) => target.host)[0]).toBe(first)
    expect(plan.service.proof.security).toBe('secure')
    expect(plan.candidates.map(({ facts }) => [facts.txt.status, facts.loc?.status])).toEqual(
      fleet.brokers.map(() => ['offered', 'located']),
    )
  })

  it('asks nothing about places where no position is given', async () => {
    const before = testbed.questions.length
    const plan = await discover('fleet.test', there())
    expect(plan.candidates[0]?.facts.loc).toBeUndefined()
    expect(testbed.questions.slice(before).map(({ type }) => type)).not.toContain('LOC')
  })

  it('keeps what it learnt in a lookup that the caller holds', async () => {
    const lookup = composeLookup(there())
    await discover('fleet.test', { lookup })
    const before = testbed.questions.length
    await discover('fleet.test', { lookup })
    lookup.close()
    expect(testbed.questions.length).toBe(before)
  })

  it('says that the unsigned zone is insecure, and withholds its hint', async () => {
    const { service, candidates } = await discover('plain.test', there())
    expect(service.proof.security).toBe('insecure')
    expect(candidates[0]?.facts.txt).toMatchObject({ status: 'withheld', reason: 'insecure' })
  })

  it.each<[string, () => unknown]>([
    ['a forged record', () => testbed.forge(SERVICE, SRV, (srv) => ({ ...srv, target: parseName('evil.test') }))],
    ['stripped signatures', () => testbed.strip()],
    ['expired signatures', () => testbed.expire()],
  ])('refuses %s', async (_title, breakIt) => {
    breakIt()
    await expect(discover('fleet.test', there())).rejects.toMatchObject({
      code: 'core/service-bogus',
      cause: { code: 'dnssec/bogus' },
    })
  })

  it('strikes out only the broker whose address is forged', async () => {
    testbed.forge('frankfurt.fleet.test', A, () => '192.0.2.66')
    const { candidates, vetoed } = await discover('fleet.test', there())
    expect(vetoed.map(({ target, code }) => [target.host, code])).toEqual([
      ['frankfurt.fleet.test.', 'core/address-bogus'],
    ])
    expect(candidates).toHaveLength(2)
  })
})

describe('portolan discover on the testbed', () => {
  async function run(args: string, anchors = testbed.trustAnchors.join('\n')) {
    const { host, port } = testbed.resolver
    const io = recordedIo({ 'root.ds': anchors })
    const status = await main(`${args} --resolver ${host}:${port} --trust-anchor root.ds`.split(' '), io)
    return { status, ...io.printed() }
  }

  it('lists three brokers, the nearest first', async () => {
    const { status, out, err } = await run('discover fleet.test --near 1.35,103.82')
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/^fleet\.test: 3 brokers \(_secure-mqtt\._tcp\.fleet\.test; secure; valid for/)
    const rows = out.split('\n').filter((line) => /^ +\d/.test(line))
    expect(rows.map((row) => row.trim().split(/ +/).slice(0, 2))).toEqual([
      ['1', 'singapore.fleet.test'],
      ['2', 'frankfurt.fleet.test'],
      ['3', 'ashburn.fleet.test'],
    ])
    expect(out).toContain('SCRAM-SHA-256')
  })

  it('prints JSON that its schema accepts', async () => {
    const { out } = await run('discover fleet.test --json')
    expect(reportSchema.parse(JSON.parse(out)).brokers.map(({ security }) => security.state)).toEqual(
      Array(3).fill('secure'),
    )
  })

  it.each<[string, number, string, () => unknown]>([
    ['stripped signatures', 6, 'core/service-bogus', () => testbed.strip()],
    ['a silent server', 7, 'cli/timeout', () => testbed.silence()],
    ['SERVFAIL', 7, 'core/service-lookup-failed', () => testbed.servfail()],
  ])('ends %s with status %i', async (_title, expected, code, breakIt) => {
    breakIt()
    const { status, err } = await run('discover fleet.test --timeout 400')
    expect(err).toContain(`[${code}]`)
    expect(status).toBe(expected)
  })

  it('says so where the trust anchor is of another tree', async () => {
    const other = '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'
    const { status, err } = await run('discover fleet.test', other)
    expect(err).toContain('--trust-anchor')
    expect(status).toBe(6)
  })

  it('refuses a trust anchor file with something else in it', async () => {
    const { status, err } = await run('discover fleet.test', 'fleet.test. IN A 192.0.2.1')
    expect(err).toContain('core/invalid-option')
    expect(status).toBe(2)
  })

  it('knows a domain that is not there from one that offers nothing', async () => {
    expect((await run('discover nowhere.test')).status).toBe(3)
    expect((await run('discover partner.test')).status).toBe(5)
  })
})
