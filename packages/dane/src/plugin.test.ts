import {
  type Address,
  type Alias,
  type Candidate,
  type Lookup,
  NOT_JUDGED,
  parseName,
  type Service,
  type TargetInspection,
  type Unproved,
  type Usable,
  Veto,
} from '@portolan/core'
import { bogusError, type FakeAnswer, fakeLookup, TEST_SECURE, timeoutError } from '@portolan/core/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DaneFact, DaneMode } from './fact.ts'
import { dane } from './plugin.ts'
import { type Made, makeChain } from './testing/pki.ts'
import { parseTlsa, type Tlsa } from './tlsa.ts'
import { tlsaFor } from './tlsa-for.node.ts'

const NOW_MS = Date.parse('2026-11-22T00:00:00Z')
const HOST = parseName('b1.fleet.test')
const CANONICAL = parseName('farm.hoster.test')
const AT_HOST = '_8883._tcp.b1.fleet.test. TLSA'
const AT_CANONICAL = '_8883._tcp.farm.hoster.test. TLSA'
const INSECURE: Unproved<'insecure'> = {
  security: 'insecure',
  reason: 'no-ds',
  detail: 'fleet.test has no DS',
  chain: [],
}
const record = parseTlsa(`3 1 1 ${'ab'.repeat(32)}`)
const other = parseTlsa(`3 1 1 ${'cd'.repeat(32)}`)
const unusable = parseTlsa('3 1 1 ab')

interface Scene {
  readonly srv?: Usable
  readonly address?: Usable
  readonly alias?: Usable
  readonly answers?: Readonly<Record<string, FakeAnswer | Error>>
  readonly fallback?: boolean
}

function targetOf({ srv = TEST_SECURE, address = TEST_SECURE, alias, fallback = false }: Scene): TargetInspection {
  const domain = parseName('fleet.test')
  const service: Service = {
    domain,
    name: parseName('_secure-mqtt._tcp.fleet.test'),
    transport: 'tcp',
    tls: true,
    proof: srv,
    fallback,
  }
  const aliases: readonly Alias[] = alias ? [{ owner: HOST, target: CANONICAL, via: 'CNAME', proof: alias }] : []
  const addresses: readonly Address[] = [{ family: 4, address: '192.0.2.1', proof: address }]
  const found = { canonicalName: alias ? CANONICAL : HOST, aliases, addresses, proof: address, expiresAtMs: 5 }
  return { service, priority: 0, weight: 0, port: 8883, host: HOST, addresses: async () => found }
}

async function inspect(scene: Scene, mode: DaneMode): Promise<{ fact: DaneFact; asked: readonly string[] }> {
  const lookup = fakeLookup(scene.answers ?? {})
  const context = { lookup, now: () => NOW_MS, random: Math.random }
  const fact = await dane({ mode }).inspect(targetOf(scene), Promise.resolve(undefined), context)
  return { fact, asked: lookup.asked }
}

const outcome = async (scene: Scene, mode: DaneMode): Promise<string> => {
  try {
    const { fact } = await inspect(scene, mode)
    const { tlsa, tlsaBase } = dane({ mode }).authentication(fact)
    return [fact.state, tlsa, ...(tlsaBase ? [tlsaBase] : [])].join(' ')
  } catch (error) {
    if (error instanceof Veto) return error.code
    throw error
  }
}

const present = (...records: readonly unknown[]): FakeAnswer => ({ records })
const insecureAnswer: FakeAnswer = { records: [record], proof: INSECURE }
const bogus = bogusError('_8883._tcp.b1.fleet.test', 'TLSA')
const failed = timeoutError('_8883._tcp.b1.fleet.test', 'TLSA')
const none = 'dane/no-usable-tlsa'

describe('gates and modes (RFC 7673 §3, RFC 7672 §2.1.2)', () => {
  const rows: readonly (readonly [
    title: string,
    scene: Scene,
    required: string,
    opportunistic: string,
    report?: string,
  ])[] = [
    [
      'secure and usable',
      { answers: { [AT_HOST]: present(record) } },
      'secure-present usable b1.fleet.test.',
      'secure-present usable b1.fleet.test.',
    ],
    [
      'usable beside unusable',
      { answers: { [AT_HOST]: present(unusable, record) } },
      'secure-present usable b1.fleet.test.',
      'secure-present usable b1.fleet.test.',
    ],
    ['secure, none usable', { answers: { [AT_HOST]: present(unusable) } }, none, 'secure-present none b1.fleet.test.'],
    [
      'secure, none that can be decoded',
      { answers: { [AT_HOST]: { malformed: [new Error('short')] } } },
      none,
      'secure-present none b1.fleet.test.',
    ],
    ['proved absent', {}, none, 'secure-absent none'],
    ['insecure', { answers: { [AT_HOST]: insecureAnswer } }, none, 'insecure none'],
    [
      'judged by nobody',
      { answers: { [AT_HOST]: { records: [record], proof: NOT_JUDGED } } },
      none,
      'indeterminate none',
    ],
    ['bogus', { answers: { [AT_HOST]: bogus } }, 'dane/lookup-bogus', 'dane/lookup-bogus', 'failed failed'],
    ['not answered', { answers: { [AT_HOST]: failed } }, 'dane/lookup-failed', 'dane/lookup-failed', 'failed failed'],
    ['SRV insecure', { srv: INSECURE, answers: { [AT_HOST]: present(record) } }, none, 'insecure none'],
    ['SRV judged by nobody', { srv: NOT_JUDGED, answers: { [AT_HOST]: present(record) } }, none, 'indeterminate none'],
    ['addresses insecure', { address: INSECURE, answers: { [AT_HOST]: present(record) } }, none, 'insecure none'],
    [
      'addresses insecure and TLSA bogus: never asked for (§3.2)',
      { address: INSECURE, answers: { [AT_HOST]: bogus } },
      none,
      'insecure none',
    ],
    [
      'fallback to the domain, proved',
      { fallback: true, answers: { [AT_HOST]: present(record) } },
      'secure-present usable b1.fleet.test.',
      'secure-present usable b1.fleet.test.',
    ],
  ]

  it.each(
    rows.map(
      ([title, scene, required, opportunistic, report = opportunistic]) =>
        [title, { scene, required, opportunistic, report }] as const,
    ),
  )('%s', async (_title, { scene, required, opportunistic, report }) => {
    expect(await outcome(scene, 'required')).toBe(required)
    expect(await outcome(scene, 'opportunistic')).toBe(opportunistic)
    expect(await outcome(scene, 'report')).toBe(report)
  })

  it('asks nothing where the SRV record is not secure', async () => {
    expect((await inspect({ srv: INSECURE }, 'opportunistic')).asked).toEqual([])
  })

  it('asks beside the addresses, not after them', async () => {
    const lookup = fakeLookup({ [AT_HOST]: present(record) })
    const target = { ...targetOf({}), addresses: () => new Promise<never>(() => {}) }
    void dane().inspect(target, Promise.resolve(undefined), { lookup, now: () => NOW_MS, random: Math.random })
    expect(lookup.asked).toEqual([AT_HOST])
  })
})

describe('aliases (RFC 7671 §7)', () => {
  const alias = TEST_SECURE
  it.each<readonly [string, Scene, string]>([
    [
      'TLSA at the end of the chain count first',
      { alias, answers: { [AT_CANONICAL]: present(other), [AT_HOST]: present(record) } },
      'secure-present usable farm.hoster.test.',
    ],
    [
      'else those of the original name',
      { alias, answers: { [AT_HOST]: present(record) } },
      'secure-present usable b1.fleet.test.',
    ],
    [
      'insecure at the end: those of the original name',
      { alias, answers: { [AT_CANONICAL]: insecureAnswer, [AT_HOST]: present(record) } },
      'secure-present usable b1.fleet.test.',
    ],
    [
      'bogus at the end: the target is not used',
      { alias, answers: { [AT_CANONICAL]: bogus, [AT_HOST]: present(record) } },
      'dane/lookup-bogus',
    ],
    [
      'one hop insecure: none count',
      { alias: INSECURE, answers: { [AT_CANONICAL]: present(other), [AT_HOST]: present(record) } },
      none,
    ],
  ])('%s', async (_title, scene, expected) => {
    expect(await outcome(scene, 'required')).toBe(expected)
  })
})

describe('what it says and refuses', () => {
  it('an operator reads what was looked for, what was found and what to publish', async () => {
    const veto = await inspect({ srv: INSECURE }, 'required').catch((error: unknown) => error)
    if (!(veto instanceof Veto)) throw new Error('no veto')
    expect(veto.message).toContain('_8883._tcp.b1.fleet.test')
    expect(veto.message).toContain('fleet.test has no DS')
    expect(veto.message).toContain('IN TLSA 3 1 1')
    expect(veto.message).toContain("mode: 'opportunistic'")
  })

  it('keeps the error of a failed lookup', async () => {
    await expect(inspect({ answers: { [AT_HOST]: bogus } }, 'opportunistic')).rejects.toMatchObject({ cause: bogus })
  })

  it("hands on the caller's abort reason", async () => {
    const reason = new Error('moving on')
    const context = {
      lookup: fakeLookup({}),
      now: () => NOW_MS,
      random: Math.random,
      signal: AbortSignal.abort(reason),
    }
    await expect(dane().inspect(targetOf({}), Promise.resolve(undefined), context)).rejects.toBe(reason)
  })

  it.each([[{ mode: 'strict' as DaneMode }], [{ usages: [] }], [{ usages: [4 as 3] }]])('refuses %j', (options) => {
    expect(() => dane(options)).toThrow(expect.objectContaining({ code: 'core/invalid-option' }))
  })
})

describe('the peer', () => {
  let chain: Awaited<ReturnType<typeof makeChain>>
  beforeAll(async () => {
    chain = await makeChain()
  })

  const candidateOf = (scene: Scene): Candidate => {
    const { addresses: _asked, ...target } = targetOf(scene)
    const names = ['broker.fleet.test', 'fleet.test'].map((name) => parseName(name))
    const identity = { tlsaBase: HOST, serverName: HOST, referenceNames: names, requirement: 'dane' as const }
    return {
      target,
      canonicalName: HOST,
      addresses: [],
      facts: {},
      identity,
      standing: { rank: 0, tier: 0, because: [] },
      expiresAtMs: 0,
      note: () => {},
    }
  }

  async function check(mode: DaneMode, records: readonly unknown[], shown: readonly Made[], scene: Scene = {}) {
    const plugin = dane({ mode, now: () => NOW_MS })
    const lookup = fakeLookup({ [AT_HOST]: present(...records) })
    const context = { lookup, now: () => NOW_MS, random: Math.random }
    const fact = await plugin.inspect(targetOf(scene), Promise.resolve(undefined), context)
    const peer = { chainAsSent: shown.map(({ der }) => der), resumed: false, serverName: undefined }
    return { verdict: plugin.checkPeer(peer, candidateOf(scene), fact), plugin, fact }
  }

  it.each(['required', 'opportunistic'] as const)(
    '%s: accepts what matches and refuses what does not',
    async (mode) => {
      const all = [chain.leaf, chain.intermediate, chain.root]
      expect((await check(mode, [tlsaFor(chain.leaf.der)], all)).verdict).toMatchObject({
        decision: 'accept',
        matchDepth: 0,
      })
      const anchor = [tlsaFor(chain.root.der, { usage: 2 })]
      expect((await check(mode, anchor, all)).verdict).toMatchObject({ decision: 'accept', matchDepth: 2 })
      expect((await check(mode, [other], all)).verdict).toMatchObject({ decision: 'refuse', code: 'dane/no-match' })
      expect((await check(mode, [other], [])).verdict).toMatchObject({
        decision: 'refuse',
        code: 'dane/no-certificate',
      })
    },
  )

  it('report: tells, and lets PKIX decide', async () => {
    const { verdict } = await check('report', [other], [chain.leaf])
    expect(verdict).toMatchObject({ decision: 'defer-to-pkix' })
    expect(verdict.detail).toMatch(/^DANE would refuse: /)
  })

  it('opportunistic without usable records: PKIX decides', async () => {
    const { verdict } = await check('opportunistic', [], [chain.leaf])
    expect(verdict).toMatchObject({ decision: 'defer-to-pkix', matchDepth: null })
  })

  it.each(['required', 'opportunistic'] as const)(
    '%s: asks once more past the cache, and judges by what came (RFC 7671 §8)',
    async (mode) => {
      const { plugin, fact } = await check(mode, [other], [chain.leaf])
      const peer = { chainAsSent: [chain.leaf.der], resumed: false, serverName: undefined }
      const after = async (row: FakeAnswer | Error) => {
        const again = await dane({ mode }).recheck(fact, { lookup: fakeLookup({ [AT_HOST]: row }), random: () => 0 })
        return plugin.checkPeer(peer, candidateOf({}), again)
      }
      expect(await after(present(other, tlsaFor(chain.leaf.der)))).toMatchObject({ decision: 'accept' })
      expect(await after(present(other))).toMatchObject({ decision: 'refuse', code: 'dane/no-match' })
      // A failed question must not open the way to PKIX.
      expect(await after(bogus)).toMatchObject({ decision: 'refuse', code: 'dane/lookup-bogus' })
      expect(await after(failed)).toMatchObject({ decision: 'refuse', code: 'dane/lookup-failed' })
    },
  )

  it('asks past the cache once for a refusal, then only after the TTL and a random part of it', async () => {
    const { fact } = await check('required', [other], [chain.leaf])
    let nowMs = NOW_MS
    const plugin = dane({ now: () => nowMs })
    const asked: unknown[] = []
    const recheck = async (of: DaneFact, ...records: readonly Tlsa[]) => {
      const base = fakeLookup({ [AT_HOST]: { ...present(...records), expiresAtMs: nowMs + 3_600_000 } })
      const lookup: Lookup = (name, type, options) => {
        asked.push(options?.pastCache)
        return base(name, type, options)
      }
      return plugin.recheck(of, { lookup, random: () => 0.4 })
    }
    expect(await recheck(fact, other)).toBe(fact)
    expect(asked).toEqual([true])
    nowMs = NOW_MS + 3_959_999
    expect(await recheck(fact, other)).toBe(fact)
    expect(asked).toEqual([true])
    nowMs++
    expect(await recheck(fact, other)).toBe(fact)
    expect(asked).toEqual([true, true])
    // So does a question that failed.
    nowMs += 86_400_000
    const silent: Lookup = async (...question) => {
      asked.push(question[2]?.pastCache)
      throw timeoutError('_8883._tcp.b1.fleet.test.', 'TLSA')
    }
    const failing = await plugin.recheck(fact, { lookup: silent, random: () => 0 })
    expect(failing).toMatchObject({ state: 'failed', code: 'dane/lookup-failed' })
    nowMs += 9_999
    expect(await recheck(fact, other)).toBe(failing)
    expect(asked).toEqual([true, true, true])
    nowMs++
    expect(await recheck(fact, other)).toBe(fact)
    expect(asked).toEqual([true, true, true, true])
    // Records that nobody has confirmed yet are asked for at once.
    const changed = { ...fact, records: [tlsaFor(chain.leaf.der)] } as DaneFact
    expect(await recheck(changed, other)).toMatchObject({ records: [other] })
    expect(asked).toHaveLength(5)
  })
})
