import { A, SRV } from '@portolan/core'
import { RRSIG } from '@portolan/dnssec/records'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestbed, type Testbed } from './index.node.ts'
import { ask, datagram, glance, isAnswered, query } from './testing/ask.node.ts'
import { signatureHolds } from './testing/verify.node.ts'

const NOW_MS = Date.UTC(2030, 0, 1)
const NOW_SECONDS = NOW_MS / 1000

let testbed: Testbed
let clockMs = NOW_MS

beforeAll(async () => {
  testbed = await startTestbed({ now: () => clockMs })
  testbed.zone('fleet.test.').add('host', A, '127.0.0.2')
  testbed.zone('fleet.test.').add('other', A, '127.0.0.3')
})
beforeEach(() => {
  clockMs = NOW_MS
  testbed.heal()
})
afterAll(() => testbed.close())

const host = () => ask(testbed, 'host.fleet.test', 1)
const addresses = async () => (await host()).answer.filter(({ type }) => type === 1).map(({ rdata }) => A.decode(rdata))
const rrsig = async (name = 'host.fleet.test') => {
  const found = (await ask(testbed, name, 1)).answer.find(({ type }) => type === 46)
  return RRSIG.decode(found?.rdata ?? new Uint8Array())
}

describe('without a fault', () => {
  it('signatures hold', async () => {
    expect(await signatureHolds(testbed, (await host()).answer, 1)).toBe(true)
  })
  it('signatures are made for the clock that was given', async () => {
    expect(await rrsig()).toMatchObject({ inception: NOW_SECONDS - 3600, expiration: NOW_SECONDS + 14 * 86_400 })
  })
  it.each([
    ['kept while more than a quarter of their life is left', 10.4 * 86_400],
    ['renewed after that', 10.6 * 86_400],
    ['renewed for a clock set back before their beginning', -3601],
  ])('signatures are %s', async (_, seconds) => {
    await rrsig()
    clockMs = NOW_MS + seconds * 1000
    const now = clockMs / 1000
    const { inception, expiration } = await rrsig()
    expect(inception).toBeLessThanOrEqual(now)
    expect(expiration - now).toBeGreaterThan(3.4 * 86_400)
  })
})

describe('forge', () => {
  it('alters rdata under the old signature, and heals', async () => {
    const before = await host()
    const undo = testbed.forge('host.fleet.test', A, () => '10.6.6.6')
    const forged = await host()
    expect(await addresses()).toEqual(['10.6.6.6'])
    expect(forged.answer.at(-1)?.rdata).toEqual(before.answer.at(-1)?.rdata)
    expect(await signatureHolds(testbed, forged.answer, 1)).toBe(false)
    undo()
    expect(await addresses()).toEqual(['127.0.0.2'])
  })
  it('leaves other names and types alone', async () => {
    testbed.forge('host.fleet.test', A, () => '10.6.6.6')
    testbed.forge('host.fleet.test', SRV, (srv) => srv)
    const { answer } = await ask(testbed, 'other.fleet.test', 1)
    expect(await signatureHolds(testbed, answer, 1)).toBe(true)
  })
  it('several changes add up', async () => {
    testbed.forge('host.fleet.test', A, (address) => address.replace('127', '10'))
    testbed.forge('host.fleet.test', A, (address) => address.replace('0.2', '0.66'))
    expect(await addresses()).toEqual(['10.0.0.66'])
  })
})

describe('strip', () => {
  it.each([
    ['one RRset', { owner: 'host.fleet.test', type: A }, 'A', 'SOA RRSIG(SOA) NSEC RRSIG(NSEC)'],
    ['a whole zone', { below: 'fleet.test' }, 'A', 'SOA NSEC'],
    ['with its denials', { below: 'fleet.test', alsoDrop: ['NSEC'] as const }, 'A', 'SOA'],
    [
      'another zone',
      { below: 'partner.test', alsoDrop: ['NSEC'] as const },
      'A RRSIG(A)',
      'SOA RRSIG(SOA) NSEC RRSIG(NSEC)',
    ],
  ])('%s', async (_, selection, answer, authority) => {
    testbed.strip(selection)
    expect(glance((await host()).answer)).toBe(answer)
    expect(glance((await ask(testbed, 'host.fleet.test', 28)).authority)).toBe(authority)
  })
  it('everything that DNSSEC added', async () => {
    testbed.strip({ alsoDrop: ['NSEC', 'DS', 'DNSKEY'] })
    const sections = [await ask(testbed, 'fleet.test', 43), await ask(testbed, '.', 48), await ask(testbed, 'x.', 1)]
    expect(sections.map(({ answer, authority }) => glance([...answer, ...authority]))).toEqual(['', '', 'SOA'])
  })
})

describe('dates', () => {
  it('expire', async () => {
    testbed.expire({ owner: 'host.fleet.test' }, 60)
    expect(await rrsig()).toMatchObject({ expiration: NOW_SECONDS - 60, inception: NOW_SECONDS - 60 - 86_400 })
    expect(await signatureHolds(testbed, (await host()).answer, 1)).toBe(true)
    expect((await rrsig('other.fleet.test')).expiration).toBeGreaterThan(NOW_SECONDS)
  })
  it('postdate', async () => {
    testbed.postdate({}, 60)
    expect((await rrsig()).inception).toBe(NOW_SECONDS + 60)
    testbed.heal()
    expect((await rrsig()).inception).toBeLessThan(NOW_SECONDS)
  })
})

describe('questions', () => {
  it.each([
    ['FORMERR', 1],
    ['SERVFAIL', 2],
    ['NXDOMAIN', 3],
    ['NOTIMP', 4],
    ['REFUSED', 5],
  ] as const)('fail with %s', async (rcode, code) => {
    testbed.fail(rcode, { owner: 'host.fleet.test', type: A })
    expect(await host()).toMatchObject({ rcode: code, answer: [], authority: [] })
    expect((await ask(testbed, 'host.fleet.test', 28)).rcode).toBe(0)
  })
  it('silence some, and all, and answer again', async () => {
    testbed.servfail({ owner: 'other.fleet.test' })
    testbed.silence({ type: A })
    expect(await isAnswered(testbed, query('host.fleet.test', 1))).toBe(false)
    expect(await isAnswered(testbed, query('host.fleet.test', 28))).toBe(true)
    testbed.silence()
    expect(await isAnswered(testbed, query('host.fleet.test', 28), () => testbed.answer())).toBe(false)
    expect(await addresses()).toEqual(['127.0.0.2'])
    expect((await ask(testbed, 'other.fleet.test', 1)).rcode).toBe(2)
  })
  it('tamper with the octets, last of all', async () => {
    testbed.tamper((reply, { transport }) => (transport === 'udp' ? reply.slice(0, 7) : reply), { type: A })
    expect(await datagram(testbed, query('host.fleet.test', 1))).toHaveLength(7)
    testbed.tamper(() => undefined, { owner: 'host.fleet.test' })
    expect(await isAnswered(testbed, query('host.fleet.test', 28))).toBe(false)
  })
  it('are written down', async () => {
    const before = testbed.questions.length
    await ask(testbed, 'host.fleet.test', 1, { dnssecOk: false })
    expect(testbed.questions.slice(before)).toEqual([
      { name: 'host.fleet.test.', type: 'A', transport: 'udp', dnssecOk: false, checkingDisabled: true },
    ])
  })
})

it('refuses a selection that contradicts itself', () => {
  expect(() => testbed.strip({ owner: 'a.', below: 'b.' })).toThrow(
    expect.objectContaining({ code: 'core/invalid-option' }),
  )
})
