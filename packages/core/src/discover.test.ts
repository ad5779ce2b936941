import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { Answer } from './answer.ts'
import { candidates, discover } from './discover.ts'
import { DiscoveryError, InvalidNameError, InvalidOptionError, Veto } from './errors.ts'
import { type Name, parseName } from './name.ts'
import type { Plugin } from './plugin.ts'
import type { Unproved } from './proof.ts'
import { bogusError, type FakeAnswer, fakeLookup, seededRandom, TEST_SECURE, timeoutError } from './testing.ts'

const SERVICE = '_secure-mqtt._tcp.fleet.test. SRV'
const srv = (priority: number, weight: number, host: string, port = 8883) => ({
  priority,
  weight,
  port,
  target: parseName(host),
})
const INSECURE: Unproved<'insecure'> = { security: 'insecure', reason: 'no-ds', detail: 'unsigned', chain: [] }
const host = (n: number): Record<string, FakeAnswer> => ({ [`b${n}.fleet.test. A`]: { records: [`192.0.2.${n}`] } })

const three = {
  [SERVICE]: { records: [srv(10, 60, 'b1.fleet.test'), srv(10, 40, 'b2.fleet.test'), srv(20, 0, 'b3.fleet.test')] },
  ...host(1),
  ...host(2),
  ...host(3),
}
const random = () => seededRandom(5)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DiscoveryError)
  return (error as DiscoveryError).code
}

describe('discover', () => {
  it('puts priorities in order and draws within one (RFC 2782)', async () => {
    const firsts = new Map<Name, number>()
    const draw = seededRandom(1)
    for (let n = 0; n < 500; n++) {
      const plan = await discover('fleet.test', { lookup: fakeLookup(three), random: draw })
      const hosts = plan.candidates.map(({ target }) => target.host)
      expect(hosts.at(-1)).toBe('b3.fleet.test.')
      firsts.set(hosts[0] as Name, (firsts.get(hosts[0] as Name) ?? 0) + 1)
    }
    expect(firsts.get(parseName('b1.fleet.test'))).toBeGreaterThan(250)
    expect(firsts.get(parseName('b2.fleet.test'))).toBeGreaterThan(150)
  })

  it('says in the trace and in the standing why each stands where it stands', async () => {
    const plan = await discover('fleet.test', { lookup: fakeLookup(three), random: random() })
    expect(plan.candidates[0]?.standing.because).toEqual([
      'priority 10',
      expect.stringMatching(/^weight [64]0 of 100, drawn 1 of 2$/),
    ])
    expect(plan.candidates[2]?.standing).toMatchObject({ rank: 2, because: ['priority 20'] })
    expect(plan.trace.filter(({ code }) => code === 'ranked').map(({ subject }) => subject)).toEqual(
      plan.candidates.map(({ target }) => target.host),
    )
  })

  it('gives every address of both families, and follows an alias of a target', async () => {
    const aliases = [
      { owner: parseName('b1.fleet.test'), target: parseName('e.cdn.test'), via: 'CNAME' as const, proof: TEST_SECURE },
    ]
    const lookup = fakeLookup({
      [SERVICE]: { records: [srv(0, 0, 'b1.fleet.test')] },
      'b1.fleet.test. A': { records: ['192.0.2.1', '192.0.2.2'], aliases, canonicalName: parseName('e.cdn.test') },
      'b1.fleet.test. AAAA': { records: ['2001:db8::1'], aliases, canonicalName: parseName('e.cdn.test') },
    })
    const { candidates: found, trace } = await discover('fleet.test', { lookup })
    expect(found[0]?.addresses.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
    expect(found[0]?.canonicalName).toBe('e.cdn.test.')
    expect(trace.map(({ code }) => code)).toContain('alias-followed')
  })

  it('expires with the first of the answers that it rests on, those that plugins got too', async () => {
    const plugin: Plugin<'p', number> = {
      name: 'p',
      async inspect({ host: owner }, _, { lookup }) {
        return (await lookup(owner, { mnemonic: 'X', code: 1, decode: () => 0, encode: () => new Uint8Array() }))
          .records.length
      },
    }
    const table = { ...three, 'b2.fleet.test. X': { records: [1], expiresAtMs: 5000 } }
    const plan = await discover('fleet.test', { lookup: fakeLookup(table), plugins: [plugin] })
    expect(plan.expiresAtMs).toBe(5000)
    expect(plan.candidates.find(({ target }) => target.host === 'b2.fleet.test.')?.expiresAtMs).toBe(5000)
  })

  it('takes 300 targets', async () => {
    const records = Array.from({ length: 300 }, (_, n) => srv(0, n, `n${n}.fleet.test`))
    const rows = records.map(({ target }) => [`${target} A`, { records: ['192.0.2.1'] }])
    const plan = await discover('fleet.test', {
      lookup: fakeLookup({ [SERVICE]: { records }, ...Object.fromEntries(rows) }),
    })
    expect(new Set(plan).size).toBe(300)
  })
})

describe('without a usable SRV', () => {
  it.each<[string, Record<string, FakeAnswer | Error>, string]>([
    ['the one target "."', { [SERVICE]: { records: [srv(0, 0, '.', 0)] } }, 'core/service-not-offered'],
    ['a bogus SRV', { [SERVICE]: bogusError(SERVICE.slice(0, -4), 'SRV') }, 'core/service-bogus'],
    ['no answer', { [SERVICE]: timeoutError(SERVICE.slice(0, -4), 'SRV') }, 'core/service-lookup-failed'],
    ['SRV that cannot be read', { [SERVICE]: { malformed: [new Error('short')] } }, 'core/service-lookup-failed'],
    ['no such domain', {}, 'core/no-such-domain'],
    [
      'a domain without address',
      { 'fleet.test. A': { absence: 'nodata' }, 'fleet.test. AAAA': { absence: 'nodata' } },
      'core/no-service',
    ],
    ['only dead targets', { [SERVICE]: { records: [srv(0, 0, 'b9.fleet.test')] } }, 'core/no-usable-candidate'],
  ])('%s', async (_, table, code) => {
    // A bogus or failed SRV must not fall back to the domain, though it has an address (RFC 7673 §3.1).
    const domain = table[SERVICE] === undefined ? {} : { 'fleet.test. A': { records: ['192.0.2.99'] } }
    expect(await codeOf(discover('fleet.test', { lookup: fakeLookup({ ...domain, ...table }) }))).toBe(code)
  })

  it('falls back to the domain on the default port, and says so', async () => {
    const plan = await discover('fleet.test', { lookup: fakeLookup({ 'fleet.test. A': { records: ['192.0.2.9'] } }) })
    expect(plan.service.fallback).toBe(true)
    expect(plan.candidates[0]?.target).toMatchObject({ host: 'fleet.test.', port: 8883 })
    expect(plan.trace.map(({ code }) => code)).toContain('fallback')
  })

  it('drops "." beside other targets', async () => {
    const table = { ...three, [SERVICE]: { records: [srv(0, 0, '.'), srv(0, 0, 'b1.fleet.test')] } }
    const plan = await discover('fleet.test', { lookup: fakeLookup(table) })
    expect(plan.candidates).toHaveLength(1)
    expect(plan.trace.map(({ code }) => code)).toContain('srv-dot-dropped')
  })

  it('refuses what is no domain and no option before asking anything', async () => {
    const lookup = fakeLookup({})
    await expect(discover('a..b', { lookup })).rejects.toThrow(InvalidNameError)
    await expect(discover('a', { lookup, lookahead: 0 })).rejects.toThrow(InvalidOptionError)
    await expect(
      discover('a', { lookup, service: { name: '_mqtts', transport: 'tcp', tls: true, defaultPort: 1 } }),
    ).rejects.toThrow(InvalidOptionError)
    const plugin: Plugin<'p', null> = { name: 'p', inspect: async () => null }
    await expect(discover('a', { lookup, plugins: [plugin, plugin] })).rejects.toThrow('two are named "p"')
    expect(lookup.asked).toEqual([])
  })
})

describe('addresses that cannot be had', () => {
  const one = { [SERVICE]: { records: [srv(0, 0, 'b1.fleet.test'), srv(1, 0, 'b2.fleet.test')] }, ...host(2) }
  const vetoOf = async (table: Record<string, FakeAnswer | Error>, proof?: Answer<unknown>['proof']) => {
    const plan = await discover('fleet.test', { lookup: fakeLookup({ ...one, ...table }, proof) })
    return plan.vetoed.map(({ code }) => code)
  }

  it('a bogus family strikes out that target alone (RFC 7673 §3.2)', async () => {
    const table = { ...host(1), 'b1.fleet.test. AAAA': bogusError('b1.fleet.test.', 'AAAA') }
    expect(await vetoOf(table)).toEqual(['core/address-bogus'])
  })

  it('a family that nobody answered is passed over beside a secure one', async () => {
    expect(await vetoOf({ ...host(1), 'b1.fleet.test. AAAA': timeoutError('b1.fleet.test.', 'AAAA') })).toEqual([])
  })

  it('but not beside an insecure one under a secure SRV: it could hide TLSA', async () => {
    const table = {
      'b1.fleet.test. A': { records: ['192.0.2.1'], proof: INSECURE },
      'b1.fleet.test. AAAA': timeoutError('b1.fleet.test.', 'AAAA'),
    }
    expect(await vetoOf(table)).toEqual(['core/address-lookup-failed'])
    expect(await vetoOf({ ...table, [SERVICE]: { ...one[SERVICE], proof: INSECURE } })).toEqual([])
  })

  it('no address at all', async () => {
    expect(await vetoOf({})).toEqual(['core/no-such-host'])
  })
})

describe('plugins', () => {
  const tiers = (table: Record<string, number>): Plugin<'tier', { tier: number }> => ({
    name: 'tier',
    inspect: async ({ host: owner }) => ({ tier: table[owner] ?? Infinity }),
    prefer: ({ tier }) => ({ tier, weightFactor: 1, because: `tier ${tier}` }),
  })

  it('prefer inside a priority, never across (RFC 2782)', async () => {
    const plugins = [tiers({ 'b3.fleet.test.': 0, 'b2.fleet.test.': 1, 'b1.fleet.test.': 2 })] as const
    const plan = await discover('fleet.test', { lookup: fakeLookup(three), plugins })
    expect(plan.candidates.map(({ target }) => target.host)).toEqual([
      'b2.fleet.test.',
      'b1.fleet.test.',
      'b3.fleet.test.',
    ])
    expect(plan.candidates[0]?.facts.tier).toEqual({ tier: 1 })
    expect(plan.candidates[0]?.standing.because).toContain('tier: tier 1')
  })

  it('strike out by Veto alone; another rejection is a bug and ends discovery', async () => {
    const vetoing: Plugin<'v', null> = {
      name: 'v',
      async inspect({ host: owner }) {
        if (owner === 'b1.fleet.test.') throw new Veto('v/no', 'not this one')
        return null
      },
    }
    const plan = await discover('fleet.test', { lookup: fakeLookup(three), plugins: [vetoing] })
    expect(plan.vetoed).toMatchObject([{ code: 'v/no', target: { host: 'b1.fleet.test.' } }])
    expect(plan.trace.find(({ code }) => code === 'vetoed')?.detail).toBe('v/no: not this one')
    const broken: Plugin<'x', null> = { name: 'x', inspect: () => Promise.reject(new TypeError('a bug')) }
    await expect(discover('fleet.test', { lookup: fakeLookup(three), plugins: [broken] })).rejects.toThrow(TypeError)
  })

  it('names every struck-out target with its reason where none is left', async () => {
    const all: Plugin<'v', null> = { name: 'v', inspect: () => Promise.reject(new Veto('v/no', 'not today')) }
    const error = await discover('fleet.test', { lookup: fakeLookup(three), plugins: [all] }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'core/no-usable-candidate', vetoed: { length: 3 } })
    expect((error as Error).message).toContain('b3.fleet.test:8883: not today')
  })

  it('decide names by what they know of TLSA', async () => {
    const proving: Plugin<'d', null> = {
      name: 'd',
      inspect: async () => null,
      authentication: () => ({ tlsa: 'usable', tlsaBase: parseName('b1.fleet.test'), mode: 'required' }),
    }
    const plan = await discover('fleet.test', { lookup: fakeLookup(three), plugins: [proving] })
    expect(plan.candidates[0]?.identity.requirement).toBe('dane')
    const insecure = await discover('fleet.test', { lookup: fakeLookup(three, INSECURE), plugins: [proving] })
    expect(insecure.candidates[0]?.identity.requirement).toBe('refuse')
  })
})

describe('plaintext', () => {
  const both = { ...three, '_mqtt._tcp.fleet.test. SRV': { records: [srv(0, 0, 'b2.fleet.test', 1883)] } }

  it('is asked for only where the caller allows it, and stands after every TLS candidate', async () => {
    const lookup = fakeLookup(both)
    expect((await discover('fleet.test', { lookup })).candidates.every(({ target }) => target.service.tls)).toBe(true)
    expect(lookup.asked.some((key) => key.startsWith('_mqtt.'))).toBe(false)
    const plan = await discover('fleet.test', { lookup: fakeLookup(both), allowPlaintext: true })
    expect(plan.candidates.map(({ target }) => target.service.tls)).toEqual([true, true, true, false])
  })

  it('is refused where secure TLSA stand for that very endpoint (RFC 7673 §3.4)', async () => {
    const proving: Plugin<'d', null> = {
      name: 'd',
      inspect: async () => null,
      authentication: () => ({ tlsa: 'usable', mode: 'opportunistic' }),
    }
    const plan = await discover('fleet.test', { lookup: fakeLookup(both), allowPlaintext: true, plugins: [proving] })
    expect(plan.vetoed).toMatchObject([{ code: 'core/plaintext-where-tls-is-proved' }])
  })

  it('does not replace a TLS service that failed', async () => {
    const table = { ...both, [SERVICE]: bogusError('x.', 'SRV') }
    expect(await codeOf(discover('fleet.test', { lookup: fakeLookup(table), allowPlaintext: true }))).toBe(
      'core/service-bogus',
    )
  })
})

describe('candidates', () => {
  it('asks about a few targets ahead, whatever their number', async () => {
    const records = Array.from({ length: 100 }, (_, n) => srv(0, 1, `n${n}.fleet.test`))
    const rows = records.map(({ target }) => [`${target} A`, { records: ['192.0.2.1'] }])
    const lookup = fakeLookup({ [SERVICE]: { records }, ...Object.fromEntries(rows) })
    const steps = candidates('fleet.test', { lookup, lookahead: 3 })
    await steps.next()
    expect(lookup.asked.filter((key) => key.endsWith(' A'))).toHaveLength(3)
    await steps.next()
    expect(lookup.asked.filter((key) => key.endsWith(' A'))).toHaveLength(4)
    await steps.return(undefined as never)
  })

  it('begins with a thousand targets in many turns of the event loop, not in one', async () => {
    const records = Array.from({ length: 1000 }, (_, n) => srv(0, 1, `n${n}.fleet.test`))
    const rows = records.map(({ target }) => [`${target} A`, { records: ['192.0.2.1'] }])
    const base = fakeLookup({ [SERVICE]: { records }, ...Object.fromEntries(rows) })
    let inThisTurn = 0
    let most = 0
    const lookup = ((name: Name, type: never, options: never) => {
      if (inThisTurn++ === 0) {
        setImmediate(() => {
          inThisTurn = 0
        })
      }
      most = Math.max(most, inThisTurn)
      return base(name, type, options)
    }) as typeof base
    expect((await discover('fleet.test', { lookup })).candidates).toHaveLength(1000)
    expect(most).toBeLessThan(100)
  })

  it('puts a thousand targets in order in many turns too', async () => {
    vi.useFakeTimers()
    try {
      const records = Array.from({ length: 1000 }, (_, n) => srv(0, 1, `n${n}.fleet.test`))
      const rows = records.map(({ target }) => [`${target} A`, { records: ['192.0.2.1'] }])
      const lookup = fakeLookup({ [SERVICE]: { records }, ...Object.fromEntries(rows) })
      const ranked: number[] = []
      let inThisTurn = 0
      const onTrace = ({ code }: { readonly code: string }) => {
        if (code === 'ranked') inThisTurn++
      }
      let isDone = false
      const plan = discover('fleet.test', { lookup, onTrace }).finally(() => {
        isDone = true
      })
      while (!isDone) {
        inThisTurn = 0
        await vi.advanceTimersToNextTimerAsync()
        ranked.push(inThisTurn)
      }
      expect((await plan).candidates).toHaveLength(1000)
      expect(Math.max(...ranked)).toBeLessThanOrEqual(64)
    } finally {
      vi.useRealTimers()
    }
  })

  it('gives the questions of each target a signal of their own: Node takes more than ten listeners for a leak', async () => {
    const records = Array.from({ length: 30 }, (_, n) => srv(0, 1, `n${n}.fleet.test`))
    const rows = records.map(({ target }) => [`${target} A`, { records: ['192.0.2.1'] }])
    const base = fakeLookup({ [SERVICE]: { records }, ...Object.fromEntries(rows) })
    const listeners = new Map<AbortSignal, number>()
    const lookup = ((name: Name, type: never, options: { signal: AbortSignal }) => {
      listeners.set(options.signal, (listeners.get(options.signal) ?? 0) + 1)
      return base(name, type, options as never)
    }) as typeof base
    await discover('fleet.test', { lookup })
    expect(listeners.size).toBe(31)
    expect(Math.max(...listeners.values())).toBe(2)
    // Those of the targets were let go with their last answer; that of the service ends with the discovery.
    expect([...listeners.keys()].map(({ aborted }) => aborted)).toEqual([true, ...Array(30).fill(false)])
  })

  it('asks a limited number of questions at a time, and lets the next go on where some take long', async () => {
    vi.useFakeTimers()
    try {
      const records = Array.from({ length: 1000 }, (_, n) => srv(0, 1, `n${n}.fleet.test`))
      const base = fakeLookup({ [SERVICE]: { records } })
      let asked = 0
      const silent = ((name: Name, type: never, options: never) => {
        if (!name.startsWith('n')) return base(name, type, options)
        asked++
        return new Promise(() => {})
      }) as typeof base
      void discover('fleet.test', { lookup: silent })
      await vi.advanceTimersByTimeAsync(249)
      expect(asked).toBe(192)
      await vi.advanceTimersByTimeAsync(200)
      expect(asked).toBe(384)
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves nothing of itself in a plan that is kept', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const discovered = async () => {
      const lookup = fakeLookup(three)
      return { plan: await discover('fleet.test', { lookup }), lookup: new WeakRef(lookup) }
    }
    const { plan, lookup } = await discovered()
    // What a turn has looked at through a WeakRef stays until its end, and engines keep the last frames a while.
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      collect()
    }
    expect(lookup.deref()).toBeUndefined()
    expect([...plan]).toHaveLength(3)
  })

  it('does not wait for targets that stand later', async () => {
    const base = fakeLookup(three)
    const lookup: typeof base = Object.assign(
      (async (name: Name, type: never, options: never) =>
        name === 'b3.fleet.test.' ? new Promise(() => {}) : base(name, type, options)) as typeof base,
      { asked: base.asked },
    )
    const steps = candidates('fleet.test', { lookup })
    expect((await steps.next()).value).toMatchObject({ standing: { rank: 0 } })
    expect((await steps.next()).value).toMatchObject({ standing: { rank: 1 } })
  })

  it('aborts what is still out when the caller stops, and when its signal says so', async () => {
    const out: AbortSignal[] = []
    const base = fakeLookup(three)
    const lookup = ((name: Name, type: never, options: { signal: AbortSignal }) => {
      if (name !== 'b3.fleet.test.') return base(name, type, options)
      out.push(options.signal)
      return new Promise(() => {})
    }) as typeof base
    const steps = candidates('fleet.test', { lookup })
    await steps.next()
    expect(out.map(({ aborted }) => aborted)).toEqual([false, false])
    await steps.return(undefined as never)
    expect(out.map(({ aborted }) => aborted)).toEqual([true, true])
    const reason = new Error('enough')
    await expect(discover('fleet.test', { lookup, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('leaves no rejection unhandled when many fail at once', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const dead = Object.fromEntries(
      [1, 2, 3].map((n) => [`b${n}.fleet.test. A`, timeoutError(`b${n}.fleet.test.`, 'A')]),
    )
    await codeOf(discover('fleet.test', { lookup: fakeLookup({ ...three, ...dead }) }))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})
