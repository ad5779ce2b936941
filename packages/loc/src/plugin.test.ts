import { discover, InvalidOptionError, MalformedRecordError, parseName, type Unproved } from '@portolan/core'
import {
  bogusError,
  type FakeAnswer,
  fakeLookup,
  seededRandom,
  TEST_SECURE,
  timeoutError,
} from '@portolan/core/testing'
import { describe, expect, it } from 'vitest'
import { type LocOptions, loc } from './plugin.ts'
import { parseLoc } from './presentation.ts'

const SERVICE = '_secure-mqtt._tcp.fleet.test.'
const BERLIN = parseLoc('52 31 12 N 13 24 18 E 34m')
const SYDNEY = parseLoc('33 51 25 S 151 12 18 E 5m')
const near = { latitude: 52.4, longitude: 13.1 }
const insecure: Unproved<'insecure'> = { security: 'insecure', reason: 'no-ds', detail: '', chain: [] }
const srv = (host: string, weight = 1, priority = 0) => ({ priority, weight, port: 8883, target: parseName(host) })

type Table = Readonly<Record<string, FakeAnswer | Error>>

/** Discovers with one broker, b1, whose SRV and addresses are there. */
async function factOf(table: Table, options: LocOptions = { near }, srvAnswer: Partial<FakeAnswer> = {}) {
  const lookup = fakeLookup({
    [`${SERVICE} SRV`]: { records: [srv('b1.fleet.test')], ...srvAnswer },
    'b1.fleet.test. A': { records: ['192.0.2.1'] },
    ...table,
  })
  const plan = await discover('fleet.test', { lookup, plugins: [loc(options)] })
  return { fact: plan.candidates[0]?.facts.loc, plan, asked: lookup.asked }
}

describe('the place of a target', () => {
  it('is its own LOC', async () => {
    const { fact } = await factOf({
      'b1.fleet.test. LOC': { records: [BERLIN] },
      [`${SERVICE} LOC`]: { records: [SYDNEY] },
    })
    expect(fact).toMatchObject({ status: 'located', source: 'target', owner: 'b1.fleet.test.', security: 'secure' })
    expect(fact?.status === 'located' && fact.distanceMetres).toBeCloseTo(24_653, -3)
  })

  it('is that of its canonical name, where the name is an alias', async () => {
    const canonicalName = parseName('eu1.cloud.test')
    const { fact } = await factOf({ 'b1.fleet.test. LOC': { records: [BERLIN], canonicalName } })
    expect(fact).toMatchObject({ status: 'located', source: 'target', owner: 'eu1.cloud.test.' })
  })

  it('is by default the LOC at the service name', async () => {
    const { fact } = await factOf({ [`${SERVICE} LOC`]: { records: [BERLIN] } })
    expect(fact).toMatchObject({ status: 'located', source: 'service', owner: SERVICE })
  })

  it('ends when the absence ends that made way for the default', async () => {
    const { fact } = await factOf({
      'b1.fleet.test. LOC': { absence: 'nodata', expiresAtMs: 5_000 },
      [`${SERVICE} LOC`]: { records: [BERLIN], expiresAtMs: 9_000 },
    })
    expect(fact).toMatchObject({ status: 'located', expiresAtMs: 5_000 })
  })

  it('is the nearest of several', async () => {
    const { fact } = await factOf({ 'b1.fleet.test. LOC': { records: [SYDNEY, BERLIN, SYDNEY] } })
    expect(fact).toMatchObject({ position: { latitude: BERLIN.latitude } })
  })

  it.each([
    ['is measured to the edge of its SIZE', 40_000, 4_653],
    ['is 0 inside it', 60_000, 0],
    ['is 0 anywhere for a worldwide service (RFC 1876 §2)', 20_000_000, 0],
  ])('%s', async (_, sizeMetres, metres) => {
    const place = sizeMetres === 20_000_000 ? SYDNEY : BERLIN
    const { fact } = await factOf({ 'b1.fleet.test. LOC': { records: [{ ...place, sizeMetres }] } })
    expect(fact?.status === 'located' && Math.abs(fact.distanceMetres - metres)).toBeLessThan(500)
  })

  it('is absent where there is neither, and says whether that is proved', async () => {
    expect((await factOf({})).fact).toMatchObject({ status: 'absent', security: 'secure' })
    const { fact } = await factOf({ 'b1.fleet.test. LOC': { absence: 'nodata', proof: insecure } })
    expect(fact).toMatchObject({ status: 'absent', security: 'insecure' })
  })
})

describe('a place that is not known', () => {
  const malformed = { malformed: [new MalformedRecordError('LOC', 'version 1, expected 0')] }
  it.each<[string, Table, string]>([
    ['bogus', { 'b1.fleet.test. LOC': bogusError('b1.fleet.test', 'LOC') }, 'bogus'],
    ['not to be had', { 'b1.fleet.test. LOC': timeoutError('b1.fleet.test', 'LOC') }, 'lookup-failed'],
    ['malformed', { 'b1.fleet.test. LOC': malformed }, 'malformed'],
    ['unproved under proved SRV', { 'b1.fleet.test. LOC': { records: [BERLIN], proof: insecure } }, 'insecure'],
    ['a bogus default', { [`${SERVICE} LOC`]: bogusError(SERVICE, 'LOC') }, 'bogus'],
    [
      'an unproved default under proved SRV',
      { [`${SERVICE} LOC`]: { records: [BERLIN], proof: insecure } },
      'insecure',
    ],
  ])('because its LOC is %s', async (_, table, reason) => {
    const { fact, plan } = await factOf(table)
    expect(fact).toMatchObject({ status: 'unknown', reason, detail: expect.stringMatching(/./) })
    expect(plan.vetoed).toEqual([])
  })

  it('does not fall back to the default: what cannot be trusted is not "nothing there"', async () => {
    const { fact } = await factOf({
      'b1.fleet.test. LOC': bogusError('b1.fleet.test', 'LOC'),
      [`${SERVICE} LOC`]: { records: [BERLIN] },
    })
    expect(fact).toMatchObject({ status: 'unknown', reason: 'bogus' })
  })

  it('takes the readable record beside a malformed one', async () => {
    const { fact } = await factOf({ 'b1.fleet.test. LOC': { ...malformed, records: [BERLIN] } })
    expect(fact).toMatchObject({ status: 'located' })
  })

  it('uses an unproved record where nothing is proved anyway', async () => {
    const { fact } = await factOf(
      { 'b1.fleet.test. LOC': { records: [BERLIN], proof: insecure } },
      { near },
      { proof: insecure },
    )
    expect(fact).toMatchObject({ status: 'located', security: 'insecure' })
  })
})

describe('the client’s position', () => {
  const table = { 'b1.fleet.test. LOC': { records: [BERLIN] } }

  it('is asked once for each discovery, where it is a function', async () => {
    let asked = 0
    const moving = loc({ near: () => ({ latitude: 52.4 - 10 * asked++, longitude: 13.1 }) })
    const lookup = fakeLookup({
      [`${SERVICE} SRV`]: { records: [srv('b1.fleet.test'), srv('b2.fleet.test')] },
      'b1.fleet.test. A': { records: ['192.0.2.1'] },
      'b2.fleet.test. A': { records: ['192.0.2.2'] },
      [`${SERVICE} LOC`]: { records: [BERLIN] },
    })
    const distances = async () => {
      const plan = await discover('fleet.test', { lookup, plugins: [moving] })
      return plan.candidates.map(({ facts }) =>
        facts.loc.status === 'located' ? Math.round(facts.loc.distanceMetres / 1e5) : undefined,
      )
    }
    expect(await distances()).toEqual([0, 0])
    expect(await distances()).toEqual([11, 11])
    expect(asked).toBe(2)
  })

  it.each<[string, () => never | undefined, RegExp]>([
    ['not known yet', () => undefined, /not known/],
    [
      'refused by the device',
      () => {
        throw new Error('permission denied')
      },
      /permission denied/,
    ],
    ['nonsense', () => ({ latitude: 91, longitude: 0 }) as never, /within ±90/],
  ])('costs the ranking alone where it is %s', async (_, position, detail) => {
    const { fact } = await factOf(table, { near: position })
    expect(fact).toMatchObject({ status: 'unknown', reason: 'no-position', detail: expect.stringMatching(detail) })
  })

  it('is in no question', async () => {
    const { asked } = await factOf(table)
    expect(asked.filter((question) => question.endsWith('LOC'))).toEqual([`${SERVICE} LOC`, 'b1.fleet.test. LOC'])
  })

  it.each<[string, unknown]>([
    ['near.latitude', { latitude: 91, longitude: 0 }],
    ['near.latitude', { latitude: '52', longitude: 0 }],
    ['near.longitude', { latitude: 0, longitude: 180.5 }],
    ['near.altitude', { latitude: 0, longitude: 0, altitude: Number.NaN }],
    ['near.accuracy', { latitude: 0, longitude: 0, accuracy: -1 }],
  ])('is refused at once for its %s', (option, position) => {
    expect(() => loc({ near: position as never })).toThrow(
      expect.objectContaining({ code: 'core/invalid-option', option }),
    )
  })

  it('may be the coords of a browser', () => {
    expect(() => loc({ near: { latitude: 1, longitude: 2, altitude: null, accuracy: 30 } })).not.toThrow()
  })

  it.each([{ bandMetres: 999 }, { bandMetres: Number.NaN }, { policy: 'closest' as never }])(
    'other options are checked: %j',
    (options) => {
      expect(() => loc({ near, ...options })).toThrow(InvalidOptionError)
    },
  )
})

describe('in discovery', () => {
  const brokers = ['far', 'none', 'close', 'closer']
  const lookup = fakeLookup({
    [`${SERVICE} SRV`]: {
      records: [...brokers.map((host) => srv(`${host}.fleet.test`)), srv('spare.fleet.test', 1, 9)],
    },
    ...Object.fromEntries([...brokers, 'spare'].map((host) => [`${host}.fleet.test. A`, { records: ['192.0.2.1'] }])),
    'far.fleet.test. LOC': { records: [SYDNEY] },
    'close.fleet.test. LOC': { records: [parseLoc('53 33 N 9 59 E 0m')] },
    'closer.fleet.test. LOC': { records: [BERLIN] },
    'spare.fleet.test. LOC': { records: [BERLIN] },
  })
  const order = async (options: Omit<LocOptions, 'near'>, position = near, seed = 1) => {
    const plan = await discover('fleet.test', {
      lookup,
      plugins: [loc({ near: position, ...options })],
      random: seededRandom(seed),
    })
    return plan.candidates.map(({ target }) => target.host.split('.')[0])
  }

  it('ranks within a priority only: what is near but of lower priority comes last', async () => {
    expect(await order({})).toEqual(['closer', 'close', 'far', 'none', 'spare'])
    expect(await order({ policy: 'nearest' })).toEqual(['closer', 'close', 'far', 'none', 'spare'])
  })

  it('gives another order elsewhere', async () => {
    expect((await order({}, { latitude: -37.8, longitude: 145 }))[0]).toBe('far')
  })

  it('leaves brokers of one band to their weights', async () => {
    const firsts = new Set<string | undefined>()
    for (let seed = 0; seed < 40; seed++) firsts.add((await order({ bandMetres: 500_000 }, near, seed))[0])
    expect(firsts).toEqual(new Set(['close', 'closer']))
  })

  it('rejects with the caller’s reason when aborted, and with nothing else', async () => {
    const reason = new Error('enough')
    const plugin = loc({ near })
    const context = { lookup, signal: AbortSignal.abort(reason), now: () => 0, random: () => 0 }
    const service = {
      domain: parseName('fleet.test'),
      name: parseName(SERVICE),
      transport: 'tcp',
      tls: true,
      proof: TEST_SECURE,
      fallback: false,
    } as const
    await expect(plugin.inspectService?.(service, context)).rejects.toBe(reason)
    const set = { near, place: { kind: 'none', security: 'secure', expiresAtMs: 0 } } as const
    const target = {
      service,
      ...srv('b1.fleet.test'),
      host: parseName('b1.fleet.test'),
      addresses: () => Promise.reject(reason),
    }
    await expect(plugin.inspect(target, Promise.resolve(set), context)).rejects.toBe(reason)
    const unaware = plugin.inspect(target, Promise.resolve(undefined), { ...context, signal: undefined })
    await expect(unaware).resolves.toMatchObject({ status: 'unknown', reason: 'no-position' })
  })

  it('measures a thousand targets from records, each with its own place', async () => {
    const hosts = Array.from({ length: 1_000 }, (_, i) => `b${i}.fleet.test`)
    const rows: Record<string, FakeAnswer> = { [`${SERVICE} SRV`]: { records: hosts.map((host) => srv(host)) } }
    hosts.forEach((host, i) => {
      rows[`${host}. A`] = { records: ['192.0.2.1'] }
      rows[`${host}. LOC`] = { records: [{ ...BERLIN, latitude: 52.4 - i / 10 }] }
    })
    const plan = await discover('fleet.test', { lookup: fakeLookup(rows), plugins: [loc({ near, policy: 'nearest' })] })
    const [first, last] = [plan.candidates[0], plan.candidates.at(-1)]
    expect([first?.target.host, last?.target.host]).toEqual(['b0.fleet.test.', 'b999.fleet.test.'])
  })
})
