/** What the validator asks, keeps, shares and gives up on. */
import { type Exchange, LookupError, parseName, type Query, type Reply, type Rrset } from '@portolan/core'
import { describe, expect, it, vi } from 'vitest'
import { Budget } from './budget.ts'
import type { ValidatorOptions } from './options.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import {
  A,
  address,
  alias,
  collidingKey,
  world as emptyWorld,
  island,
  NOW,
  NOW_MS,
  NS,
  nsec,
  rrset,
  soa,
  TXT,
  type World,
  zone,
} from './signed-world.test.node.ts'
import { validated } from './validated.ts'

const SRV = 33
const CNAME = 5
const DAY_MS = 86_400_000

/** `example.` under an anchor, `fleet.example.` signed below it, and a service there. */
async function fleet() {
  const { zone: example, world } = await island()
  const signedFleet = zone('fleet.example.')
  world.put('fleet.example.', DS.code, { answer: [example.sign(await signedFleet.ds())] })
  world.put('fleet.example.', DNSKEY.code, { answer: [signedFleet.dnskeys] })
  const name = '_secure-mqtt._tcp.fleet.example.'
  const target = Uint8Array.from([0, 0, 0, 0, 0x22, 0xb3, ...alias('a.fleet.example.')])
  world.put(name, SRV, { answer: [signedFleet.sign(rrset(name, SRV, target))] })
  world.put('a.fleet.example.', A, { answer: [signedFleet.sign(rrset('a.fleet.example.', A, address(1)))] })
  return { example, signedFleet, world, service: { name: parseName(name), type: SRV } }
}

/** Holds replies back until `release`, so that rounds can be counted: what is asked before it goes out together. */
function inRounds(exchange: Exchange) {
  let waiting: (() => void)[] = []
  const rounds: string[][] = []
  let round: string[] = []
  const held: Exchange = async (query) => {
    round.push(`${query.name} ${query.type}`)
    await new Promise<void>((resolve) => waiting.push(resolve))
    return exchange(query)
  }
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false
    const finished = work.finally(() => {
      isDone = true
    })
    finished.catch(() => undefined)
    while (!isDone) {
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      if (isDone) break
      // Nothing is asked meanwhile: signatures are being verified, on other threads.
      if (waiting.length === 0) continue
      rounds.push(round)
      const release = waiting
      waiting = []
      round = []
      for (const resolve of release) resolve()
    }
    return finished
  }
  return { held, rounds, run }
}

/** Long enough for an answer to be there and its judgement to wait for others. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('questions', () => {
  it('asks for keys of the ancestors together with the question: cold, one round', async () => {
    const { world, service } = await fleet()
    const { held, rounds, run } = inRounds(world.exchange)
    const { proof } = await run(validated(held, world.options)(service))
    expect(proof?.security).toBe('secure')
    expect(rounds).toHaveLength(1)
    expect(rounds[0]).toEqual(
      expect.arrayContaining([`${service.name} 33`, 'fleet.example. 43', 'fleet.example. 48', 'example. 48']),
    )
  })

  it('needs a second round where the chain leads into another zone, and none above an anchor', async () => {
    const { world, example, signedFleet } = await fleet()
    const other = zone('other.example.')
    world.put('other.example.', DS.code, { answer: [example.sign(await other.ds())] })
    world.put('other.example.', DNSKEY.code, { answer: [other.dnskeys] })
    const hop = signedFleet.sign(rrset('w.fleet.example.', CNAME, alias('h.other.example.')))
    world.put('w.fleet.example.', A, { answer: [hop, other.sign(rrset('h.other.example.', A, address(2)))] })
    const { held, rounds, run } = inRounds(world.exchange)
    const { proof, answer } = await run(
      validated(held, world.options)({ name: parseName('w.fleet.example.'), type: A }),
    )
    expect(proof?.security).toBe('secure')
    expect(answer.map(({ owner }) => owner)).toEqual(['w.fleet.example.', 'h.other.example.'])
    expect(rounds).toHaveLength(2)
    expect(rounds.flat()).not.toContain('. 48')
  })

  it('speculates no more under an apex whose key has signed an answer, and keeps keys', async () => {
    const { world, service } = await fleet()
    const exchange = validated(world.exchange, world.options)
    await exchange(service)
    world.asked.length = 0
    await exchange({ name: parseName('a.fleet.example.'), type: A })
    expect(world.asked).toEqual(['a.fleet.example. 1'])
  })

  it('shares the work of questions asked at once', async () => {
    const { world, signedFleet } = await fleet()
    const names = Array.from({ length: 50 }, (_, i) => `h${i}.fleet.example.`)
    for (const name of names) world.put(name, A, { answer: [signedFleet.sign(rrset(name, A, address(3)))] })
    const exchange = validated(world.exchange, world.options)
    const replies = await Promise.all(names.map((name) => exchange({ name: parseName(name), type: A })))
    expect(new Set(replies.map(({ proof }) => proof?.security))).toEqual(new Set(['secure']))
    expect(world.asked.filter((one) => one === 'fleet.example. 48')).toHaveLength(1)
    expect(world.asked).toHaveLength(50 + new Set(world.asked.filter((one) => !one.startsWith('h'))).size)
  })

  it('needs nothing below a name that is proved absent', async () => {
    const { world, example } = await fleet()
    const denied = [nsec('b.example.', 'd.example.', A), nsec('example.', 'b.example.', NS, 6), soa('example.')]
    world.put('c.example.', DS.code, { rcode: 3, authority: denied.map((one) => example.sign(one)) })
    world.put('a.b.c.example.', A, { answer: [rrset('a.b.c.example.', A, address(6))] })
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('a.b.c.example.'), type: A })
    // The questions for b.c.example. and a.b.c.example. fail in this world, and do not matter.
    expect(proof).toMatchObject({ security: 'bogus', reason: 'signature-missing' })
  })

  it('asks for keys again when they have ended', async () => {
    const { world, service } = await fleet()
    let elapsedMs = 0
    const exchange = validated(world.exchange, {
      ...world.options,
      now: () => NOW_MS + elapsedMs,
      monotonicNow: () => elapsedMs,
    })
    await exchange(service)
    world.asked.length = 0
    elapsedMs = 3_599_000
    await exchange(service)
    expect(world.asked).not.toContain('example. 48')
    elapsedMs = 3_601_000
    expect((await exchange(service)).proof?.security).toBe('secure')
    expect(world.asked).toContain('example. 48')
  })

  it('asks past what is kept where the caller wants that', async () => {
    const { world, service } = await fleet()
    const exchange = validated(world.exchange, world.options)
    await exchange(service)
    world.asked.length = 0
    const query = { name: parseName('fleet.example.'), type: DNSKEY.code }
    expect((await exchange(query)).proof?.security).toBe('secure')
    expect(world.asked).toEqual([])
    expect((await exchange(query, { pastCache: true })).proof?.security).toBe('secure')
    expect(world.asked).toEqual(['fleet.example. 48'])
  })

  it('counts the age of what it kept against the TTL', async () => {
    const { world } = await fleet()
    let elapsedMs = 0
    const exchange = validated(world.exchange, {
      ...world.options,
      now: () => NOW_MS + elapsedMs,
      monotonicNow: () => elapsedMs,
    })
    const ask = () => exchange({ name: parseName('fleet.example.'), type: DNSKEY.code })
    await ask()
    elapsedMs = 1_000_000
    const { answer, proof } = await ask()
    expect(world.asked.filter((one) => one === 'fleet.example. 48')).toHaveLength(1)
    expect(answer[0]?.records[0]?.ttlSeconds).toBe(2_600)
    expect(proof?.validUntilMs).toBe(NOW_MS + 3_600_000)
  })

  it('is not harmed by a speculative question that fails', async () => {
    const { world, service } = await fleet()
    world.put('_tcp.fleet.example.', DS.code, { rcode: 2 })
    expect((await validated(world.exchange, world.options)(service)).proof?.security).toBe('secure')
  })

  it('leaves the event loop its turns among many signatures', async () => {
    const { world, signedFleet } = await fleet()
    const names = Array.from({ length: 200 }, (_, i) => `h${i}.fleet.example.`)
    for (const name of names) world.put(name, A, { answer: [signedFleet.sign(rrset(name, A, address(3)))] })
    // A clock on which each look costs a quarter of a millisecond.
    let ms = 0
    const monotonicNow = () => (ms += 0.25)
    const exchange = validated(world.exchange, { ...world.options, monotonicNow })
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await Promise.all(names.map((name) => exchange({ name: parseName(name), type: A })))
    isDone = true
    expect(turns).toBeGreaterThan(20)
  })
})

describe('a second word without CD', () => {
  const withTwoWords = async (second: Rrset) => {
    const { world, signedFleet } = await fleet()
    const bad = signedFleet.sign(rrset('www.fleet.example.', A, address(6)), { keyTag: 1 })
    world.put('www.fleet.example.', A, { answer: [bad] })
    world.putChecked('www.fleet.example.', A, { answer: [second] })
    const reply = await validated(world.exchange, world.options)({ name: parseName('www.fleet.example.'), type: A })
    return { reply, world, signedFleet }
  }

  it('is asked for before bogus is final, and judged likewise', async () => {
    const forged = rrset('www.fleet.example.', A, address(6))
    const { reply, world } = await withTwoWords(forged)
    expect(world.asked).toContain('www.fleet.example. 1 CD=0')
    expect(reply.proof).toMatchObject({ security: 'bogus', reason: 'no-matching-key' })
    expect(reply.answer).toEqual([])
  })

  it('wins where it proves more', async () => {
    const { world, signedFleet } = await fleet()
    world.put('www.fleet.example.', A, { answer: [rrset('www.fleet.example.', A, address(6))] })
    const good = signedFleet.sign(rrset('www.fleet.example.', A, address(1)))
    world.putChecked('www.fleet.example.', A, { answer: [good] })
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('www.fleet.example.'), type: A })
    expect(proof?.security).toBe('secure')
  })

  it('mends keys as well', async () => {
    const { world, signedFleet, service } = await fleet()
    world.put('fleet.example.', DNSKEY.code, { answer: [zone('fleet.example.').dnskeys] })
    world.putChecked('fleet.example.', DNSKEY.code, { answer: [signedFleet.dnskeys] })
    expect((await validated(world.exchange, world.options)(service)).proof?.security).toBe('secure')
  })
})

describe('clocks', () => {
  it.each([
    ['behind', -10 * DAY_MS, 9 * DAY_MS],
    ['ahead', 10 * DAY_MS, -9 * DAY_MS],
  ])('suspects a clock that is %s, and says by how much', async (_, byMs, offsetMs) => {
    const { world, service } = await fleet()
    world.options = { ...world.options, now: () => NOW_MS + byMs }
    const { proof } = await validated(world.exchange, world.options)(service)
    expect(proof).toMatchObject({ security: 'bogus', reason: 'clock-suspect', clockOffsetMs: offsetMs })
    // What the offset is for: with it everything is proved.
    world.options = { ...world.options, now: () => NOW_MS + byMs + offsetMs }
    expect((await validated(world.exchange, world.options)(service)).proof?.security).toBe('secure')
  })

  it('does not suspect the clock where one signature alone has expired', async () => {
    const { world, signedFleet } = await fleet()
    const old = signedFleet.sign(rrset('a.fleet.example.', A, address(1)), { expiration: NOW - 1 })
    world.put('a.fleet.example.', A, { answer: [old] })
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('a.fleet.example.'), type: A })
    expect(proof).toMatchObject({ security: 'bogus', reason: 'signature-expired', extendedError: 7 })
  })

  it('does not suspect the clock where a zone was proved by it, although its records are no longer kept', async () => {
    const { world, example, signedFleet } = await fleet()
    let elapsedMs = 0
    world.options = { ...world.options, now: () => NOW_MS + elapsedMs, monotonicNow: () => elapsedMs }
    const old = signedFleet.sign(rrset('b.fleet.example.', A, address(1)), { expiration: NOW - 1 })
    world.put('b.fleet.example.', A, { answer: [old] })
    const aside = rrset('fleet.example.', NS, alias('a.fleet.example.'))
    const authority = [{ ...aside, records: aside.records.map((one) => ({ ...one, ttlSeconds: 0 })) }]
    world.put('example.', DNSKEY.code, { answer: [example.dnskeys], authority })
    world.put('fleet.example.', DS.code, { answer: [example.sign(await signedFleet.ds())], authority })
    world.put('fleet.example.', DNSKEY.code, { answer: [signedFleet.dnskeys], authority })
    const exchange = validated(world.exchange, world.options)
    await exchange({ name: parseName('a.fleet.example.'), type: A })
    elapsedMs = 2_000
    const { proof } = await exchange({ name: parseName('b.fleet.example.'), type: A })
    expect(proof).toMatchObject({ security: 'bogus', reason: 'signature-expired' })
  })

  it('does not suspect the clock where the answer would not hold at any time', async () => {
    const { world } = await fleet()
    const forged = zone('fleet.example.').sign(rrset('a.fleet.example.', A, address(6)))
    const [signature] = forged.signatures
    const tagged = signature?.rdata.slice() ?? new Uint8Array()
    const [own] = (await validated(world.exchange, world.options)({ name: parseName('a.fleet.example.'), type: A }))
      .answer
    tagged.set(own?.signatures[0]?.rdata.subarray(16, 18) ?? [], 16)
    const signatures = forged.signatures.map((one) => ({ ...one, rdata: tagged }))
    world.put('a.fleet.example.', A, { answer: [{ ...forged, signatures }] })
    world.options = { ...world.options, now: () => NOW_MS + 10 * DAY_MS }
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('a.fleet.example.'), type: A })
    expect(proof).toMatchObject({ security: 'bogus', reason: 'signature-expired' })
  })

  it('keeps a verdict by time for seconds only, and drops all verdicts when the clock is set', async () => {
    const { world, service } = await fleet()
    let wallMs = NOW_MS + 10 * DAY_MS
    let monotonicMs = 0
    const exchange = validated(world.exchange, { ...world.options, now: () => wallMs, monotonicNow: () => monotonicMs })
    const first = await exchange(service)
    expect(first.proof).toMatchObject({ security: 'bogus' })
    expect(first.proof?.validUntilMs).toBeLessThanOrEqual(wallMs + 5_000)
    wallMs = NOW_MS
    monotonicMs = 10
    world.asked.length = 0
    expect((await exchange(service)).proof?.security).toBe('secure')
    // The records themselves were kept.
    expect(world.asked).toEqual(['_secure-mqtt._tcp.fleet.example. 33'])
  })

  it('tolerates as much skew as it is told to', async () => {
    const { world, signedFleet } = await fleet()
    const old = signedFleet.sign(rrset('a.fleet.example.', A, address(1)), { expiration: NOW - 60 })
    world.put('a.fleet.example.', A, { answer: [old] })
    const ask = (clockSkewToleranceMs: number) =>
      validated(world.exchange, { ...world.options, clockSkewToleranceMs })({
        name: parseName('a.fleet.example.'),
        type: A,
      })
    expect((await ask(59_000)).proof?.security).toBe('bogus')
    expect((await ask(60_000)).proof?.security).toBe('secure')
  })
})

describe('limits', () => {
  /** So many signatures that do not hold before the one that does. */
  const behindJunk = (good: Rrset, junkSignatures: number): Rrset => {
    const [signature] = good.signatures
    const junk = Array.from({ length: junkSignatures }, (_, i) => {
      const rdata = signature?.rdata.slice() ?? new Uint8Array()
      rdata[rdata.length - 1] = (rdata.at(-1) ?? 0) ^ (i + 1)
      return { ownerOctets: new Uint8Array([0]), type: 46, ttlSeconds: 60, rdata }
    })
    return { ...good, signatures: [...junk, ...good.signatures] }
  }

  const collided = async (junkSignatures: number, options: ValidatorOptions) => {
    const { world, signedFleet } = await fleet()
    const good = signedFleet.sign(rrset('a.fleet.example.', A, address(1)))
    world.put('a.fleet.example.', A, { answer: [behindJunk(good, junkSignatures)] })
    return validated(world.exchange, { ...world.options, ...options })({ name: parseName('a.fleet.example.'), type: A })
  }

  it('tries eight signatures of an RRset by default (CVE-2023-50387)', async () => {
    expect((await collided(7, {})).proof?.security).toBe('secure')
    expect((await collided(8, {})).proof).toMatchObject({ security: 'bogus', reason: 'limit-signature-checks' })
    expect((await collided(8, { limits: { signatureChecks: 9 } })).proof?.security).toBe('secure')
  })

  it('has a budget for a question', async () => {
    const limits = { signatureChecks: 256, cryptoBudget: 16 }
    const taken = vi.spyOn(Budget.prototype, 'takeCrypto')
    expect((await collided(40, { limits })).proof).toMatchObject({ reason: 'limit-crypto-budget' })
    const walks = 5
    expect(taken.mock.results.filter(({ value }) => value === true)).toHaveLength(16 + walks)
    taken.mockRestore()
  })

  it.each([
    [20, 'limit-crypto-budget'],
    [40, 'signature-missing'],
  ])('has one budget for all zones of a question, four times as much: %i', async (cryptoBudget, wanted) => {
    const { world, zone: example } = await island()
    const name = 'a.b.c.d.e.f.g.h.example.'
    // Each label costs 11 signatures, all of them 88.
    for (let at = name; at !== 'example.'; at = at.slice(2)) {
      const here = example.sign(nsec(at, `0.${at}`, TXT))
      world.put(at, DS.code, { authority: [example.sign(soa('example.')), behindJunk(here, 9)] })
    }
    world.put(name, A, { answer: [rrset(name, A, address(1))] })
    const limits = { signatureChecks: 256, cryptoBudget }
    const { proof } = await validated(world.exchange, { ...world.options, limits })({ name: parseName(name), type: A })
    expect(proof).toMatchObject({ security: 'bogus', reason: wanted })
  })

  it.each([
    [3, 'secure'],
    [4, 'limit-colliding-keys'],
  ])('tries four keys of one tag by default: %i others before the right one', async (others, wanted) => {
    const { world, zone: example } = await island()
    const junk = Array.from({ length: others }, (_, i) => collidingKey(example.tag, i + 1))
    world.put('example.', DNSKEY.code, {
      answer: [example.sign(rrset('example.', DNSKEY.code, ...junk, example.dnskeyRdata))],
    })
    const key = Buffer.from(example.dnskeyRdata.subarray(4)).toString('base64')
    world.options = { ...world.options, trustAnchors: [`example. IN DNSKEY 257 3 15 ${key}`] }
    world.put('www.example.', A, { answer: [example.sign(rrset('www.example.', A, address(1)))] })
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('www.example.'), type: A })
    expect(proof?.security === 'secure' ? 'secure' : proof?.reason).toBe(wanted)
  })

  it.each([
    [3, 'secure'],
    [4, 'limit-colliding-keys'],
  ])('tries as many for a DS: %i others before the right one', async (others, wanted) => {
    const { world, signedFleet } = await fleet()
    const junk = Array.from({ length: others }, (_, i) => collidingKey(signedFleet.tag, i + 1))
    const keys = rrset('fleet.example.', DNSKEY.code, ...junk, signedFleet.dnskeyRdata)
    world.put('fleet.example.', DNSKEY.code, { answer: [signedFleet.sign(keys)] })
    const { proof } = await validated(world.exchange, world.options)({ name: parseName('a.fleet.example.'), type: A })
    expect(proof?.security === 'secure' ? 'secure' : proof?.reason).toBe(wanted)
  })

  it('of one question are not told to others that wait for the same zones', async () => {
    const { world, zone: example } = await island()
    const unsigned = parseName('g.f.e.d.c.b.a.example.')
    const deep = parseName(`x.x.${unsigned}`)
    for (let at: string = deep; at !== 'example.'; at = at.slice(2)) {
      world.put(at, DS.code, { authority: [nsec(at, `0.${at}`, TXT), soa('example.')].map((one) => example.sign(one)) })
    }
    for (const name of [unsigned, deep]) world.put(name, A, { answer: [rrset(name, A, address(1))] })
    const exchange = validated(world.exchange, { ...world.options, limits: { zoneSteps: 8 } })
    const reasons = [deep, unsigned].map(async (name) => (await exchange({ name, type: A })).proof)
    const [spent, other] = await Promise.all(reasons)
    expect(spent).toMatchObject({ reason: 'limit-questions' })
    expect(other).toMatchObject({ reason: 'signature-missing' })
  })

  it('looks into a bounded number of zones', async () => {
    const { world } = await fleet()
    const name = `${'a.'.repeat(60)}fleet.example.`
    world.put(name, A, { answer: [rrset(name, A, address(1))] })
    const options = { ...world.options, limits: { zoneSteps: 8 } }
    const { proof } = await validated(world.exchange, options)({ name: parseName(name), type: A })
    expect(proof).toMatchObject({ security: 'bogus', reason: 'limit-questions' })
    expect(world.asked.length).toBeLessThan(60)
  })

  it.each([
    ['limits.cryptoBudget', { limits: { cryptoBudget: 1 } }],
    ['limits.nsec3Iterations', { limits: { nsec3Iterations: 501 } }],
    ['limits.collidingKeys', { limits: { collidingKeys: 1.5 } }],
    ['limits.collidingKey', { limits: { collidingKey: 1 } as ValidatorOptions['limits'] }],
    ['limits', { limits: 5 as unknown as ValidatorOptions['limits'] }],
    ['overLimitIterations', { overLimitIterations: 'Bogus' as 'bogus' }],
    ['overLimitIteration', { overLimitIteration: 'bogus' } as ValidatorOptions],
    ['clockSkewToleranceMs', { clockSkewToleranceMs: '0' as unknown as number }],
    ['sha1Algorithms', { sha1Algorithms: 'no' as unknown as boolean }],
    ['sha1Digests', { sha1Digests: 0 as unknown as boolean }],
    ['clockSkewToleranceMs', { clockSkewToleranceMs: -1 }],
    ['trustAnchors', { trustAnchors: ['example. IN A 192.0.2.1'] }],
    ['trustAnchors', { trustAnchors: ['example. IN DS 70000 8 2 00'] }],
    ['trustAnchors', { trustAnchors: ['example. IN DS 7 8 2 0g'] }],
  ])('refuses a bad %s', (option, options: ValidatorOptions) => {
    expect(() => validated(emptyWorld([]).exchange, options)).toThrow(`option ${option}`)
  })
})

describe('replies', () => {
  const asking = (world: World, name: string, type: number = A, call?: { readonly signal: AbortSignal }) =>
    validated(world.exchange, world.options)({ name: parseName(name), type }, call)

  it('leaves a chain open where the message does not prove its end', async () => {
    const { world, signedFleet } = await fleet()
    const hop = signedFleet.sign(rrset('w.fleet.example.', CNAME, alias('a.fleet.example.')))
    world.put('w.fleet.example.', A, { answer: [hop, rrset('a.fleet.example.', A, address(6))] })
    const { answer, denial, proof } = await asking(world, 'w.fleet.example.')
    expect(answer.map(({ type }) => type)).toEqual([CNAME])
    expect(denial).toBeUndefined()
    expect(proof?.security).toBe('secure')
  })

  it('ends where aliases lead in a circle', async () => {
    const { world, signedFleet } = await fleet()
    const circle = [
      rrset('x.fleet.example.', CNAME, alias('y.fleet.example.')),
      rrset('y.fleet.example.', CNAME, alias('x.fleet.example.')),
    ]
    world.put('x.fleet.example.', A, { answer: circle.map((one) => signedFleet.sign(one)) })
    const { answer } = await asking(world, 'x.fleet.example.')
    expect(answer.map(({ owner }) => owner)).toEqual(['x.fleet.example.', 'y.fleet.example.'])
  })

  it('keeps the SOA of a denial and judges no more than it must', async () => {
    const { world, signedFleet } = await fleet()
    const authority = [soa('fleet.example.'), nsec('a.fleet.example.', 'b.fleet.example.', A)].map((one) =>
      signedFleet.sign(one),
    )
    world.put('a.fleet.example.', TXT, {
      authority: [...authority, rrset('fleet.example.', NS, alias('ns.fleet.example.'))],
    })
    const { authority: kept, denial } = await asking(world, 'a.fleet.example.', TXT)
    expect(denial).toMatchObject({ kind: 'nodata', proof: { security: 'secure' } })
    expect(kept.map(({ type }) => type).sort()).toEqual([47, 6])
  })

  it('calls a name under no anchor insecure', async () => {
    const { world } = await fleet()
    world.put('www.elsewhere.', A, { answer: [rrset('www.elsewhere.', A, address(1))] })
    const { proof, answer } = await asking(world, 'www.elsewhere.')
    expect(proof).toMatchObject({ security: 'insecure', reason: 'no-anchor' })
    expect(answer).toHaveLength(1)
  })

  it('hands on response codes that say nothing, without records and without a verdict', async () => {
    const { world } = await fleet()
    world.put('x.fleet.example.', A, { rcode: 5, answer: [rrset('x.fleet.example.', A, address(1))] })
    expect(await asking(world, 'x.fleet.example.')).toMatchObject({ rcode: 5, answer: [], proof: undefined })
  })

  it("rejects with the caller's own reason, and as the exchange does", async () => {
    const { world, service } = await fleet()
    const reason = new Error('enough')
    await expect(asking(world, service.name, SRV, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const late = new AbortController()
    const pending = validated(() => new Promise<Reply>(() => undefined), world.options)
    const stuck: Exchange = async (query: Query, call) =>
      query.type === SRV ? world.exchange(query, call) : pending(query, call)
    const waiting = validated(stuck, world.options)(service, { signal: late.signal })
    await turns(5)
    late.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    const failed = new LookupError('dns/timeout', 'nobody answered', { owner: service.name, type: 'SRV' })
    await expect(validated(() => Promise.reject(failed), world.options)(service)).rejects.toBe(failed)
  })

  it('goes on for others who wait for the same keys when one of them leaves', async () => {
    const { world, service } = await fleet()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Exchange = async (query, call) => {
      if (query.type !== SRV) await held
      return world.exchange(query, call)
    }
    const exchange = validated(slow, world.options)
    const leaver = new AbortController()
    const left = exchange(service, { signal: leaver.signal })
    const stayed = exchange(service)
    await turns(5)
    leaver.abort('enough')
    await expect(left).rejects.toBe('enough')
    release()
    await expect(stayed).resolves.toMatchObject({ proof: { security: 'secure' } })
  })

  it('is not made secure or insecure by questions that fail on the way', async () => {
    const { world, service } = await fleet()
    const failing: Exchange = async (query, call) => {
      if (query.type === DNSKEY.code)
        throw new LookupError('dns/timeout', 'nobody answered', { owner: query.name, type: 'DNSKEY' })
      return world.exchange(query, call)
    }
    const { proof } = await validated(failing, world.options)(service)
    expect(proof).toMatchObject({ security: 'bogus', reason: 'dnskey-unobtainable', extendedError: 22 })
  })
})
