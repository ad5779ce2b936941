import { type Exchange, LookupError, type Reply } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CacheOptions, cached } from './cache.ts'
import { address, cname, NOW, n, reply, rrset, secure, soaOf, unproved } from './testing/replies.ts'

const query = { name: n('a.example'), type: 1 }

function cacheOver(answer: Partial<Reply> | Error, options: CacheOptions = {}) {
  const state = { atMs: NOW, asked: 0, answer }
  const exchange: Exchange = async (question) => {
    state.asked++
    if (state.answer instanceof Error) throw state.answer
    return reply(question, state.answer)
  }
  return { state, ask: cached(exchange, { now: () => state.atMs, ...options }) }
}

/** For how long the reply is handed out again, to the millisecond. */
async function lifetimeMs(answer: Partial<Reply> | Error, options?: CacheOptions) {
  const { state, ask } = cacheOver(answer, options)
  const first = await ask(query).catch(() => undefined)
  let [kept, gone] = [-1, 200_000_000]
  while (gone - kept > 1) {
    const middle = Math.floor((kept + gone) / 2)
    const trial = cacheOver(answer, options)
    await trial.ask(query).catch(() => {})
    trial.state.atMs = NOW + middle
    await trial.ask(query).catch(() => {})
    if (trial.state.asked === 1) kept = middle
    else gone = middle
  }
  expect(state.asked).toBe(1)
  if (first !== undefined) expect(first.expiresAtMs).toBe(NOW + gone)
  return gone
}

const [A1, A2] = [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)]

it("does not take a caller's reason for leaving for a failure of the name", async () => {
  const ask = cached((question, { signal } = {}) => {
    if (signal === undefined) return Promise.resolve(reply(question, {}))
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const caller = new AbortController()
  const left = ask(query, { signal: caller.signal })
  const reason = new LookupError('dns/timeout', 'too slow for me', { owner: query.name, type: 'A' })
  caller.abort(reason)
  await expect(left).rejects.toBe(reason)
  await expect(ask(query)).resolves.toMatchObject({ rcode: 0 })
})

describe('lifetime', () => {
  const soa = soaOf('example', 60)
  const bare = (ttl: number) => ({ answer: [rrset('a.example', 1, [A1, A2], { ttl })] })
  const nodata = (until?: number) => ({ kind: 'nodata', owner: n('a.example'), proof: secure(until) }) as const
  const insecureUntil = (validUntilMs: number) => ({ ...unproved('insecure'), validUntilMs })
  it.each<[string, Partial<Reply> | Error, number]>([
    ['the TTL', bare(60), 60_000],
    ['a day at most (RFC 8767 §4 has a week as the outer bound)', bare(999_999), 86_400_000],
    [
      'the least TTL of the chain',
      { answer: [cname('a.example', 'b.', { ttl: 7 }), address('b.', '192.0.2.1')] },
      7_000,
    ],
    ['nothing with TTL 0', bare(0), 0],
    [
      'the proof, where it ends first',
      { answer: [address('a.example', '192.0.2.1', { proof: secure(NOW + 11) })] },
      11,
    ],
    ['the proof of the whole', { ...bare(60), proof: secure(NOW + 12) }, 12],
    ['nothing where the proof has ended', { ...bare(60), proof: secure(NOW - 1) }, 0],
    ['the layer below, where that ends first', { ...bare(60), expiresAtMs: NOW + 13 }, 13],
    ['the MINIMUM of the SOA (RFC 2308 §5)', { rcode: 3, authority: [soa] }, 60_000],
    ['the TTL of the SOA where it is less (RFC 2308 §5)', { authority: [soaOf('example', 60, { ttl: 30 })] }, 30_000],
    ['three hours of absence at most (RFC 2308 §5)', { authority: [soaOf('.', 99_999, { ttl: 99_999 })] }, 10_800_000],
    ['nothing where absence names no SOA (RFC 2308 §5)', { rcode: 3 }, 0],
    ['nothing where the SOA is of another zone', { authority: [soaOf('b.example', 60)] }, 0],
    ['nothing where the SOA is too short', { authority: [rrset('example', 6, [new Uint8Array(5)])] }, 0],
    ['the denial, where it ends first', { authority: [soa], denial: nodata(NOW + 14), proof: secure() }, 14],
    [
      'nothing where only the zone is known to be insecure',
      { denial: { ...nodata(), proof: insecureUntil(NOW + 15) }, proof: insecureUntil(NOW + 15) },
      0,
    ],
    ['the denial, without an SOA', { denial: nodata(NOW + 15), proof: secure() }, 15],
    ['the alias alone, where the chain goes on', { answer: [cname('a.example', 'b.', { ttl: 5 })] }, 5_000],
    ['the judged alias alone', { answer: [cname('a.example', 'b.', { ttl: 5 })], proof: secure() }, 5_000],
    ['a second of SERVFAIL (RFC 9520 §3.2)', { rcode: 2 }, 1_000],
    ['a second of bogus (RFC 9520 §3.4)', { ...bare(60), proof: unproved('bogus') }, 1_000],
    ['a second of a bogus RRset', { answer: [address('a.example', '192.0.2.1', { proof: unproved('bogus') })] }, 1_000],
    ['a second of no answer', new LookupError('dns/timeout', 'x', { owner: query.name, type: 'A' }), 1_000],
    ['nothing of an abort', new Error('enough'), 0],
    ['nothing of a truncated reply', { ...bare(60), truncated: true }, 0],
  ])('is %s', async (title, answer, ms) => {
    if (title.includes('truncated')) {
      const { state, ask } = cacheOver(answer)
      await ask(query)
      await ask(query)
      expect(state.asked).toBe(2)
    } else expect(await lifetimeMs(answer)).toBe(ms)
  })

  it('has bounds by option', async () => {
    expect(await lifetimeMs(bare(60), { maxTtlSeconds: 10 })).toBe(10_000)
    expect(await lifetimeMs({ authority: [soa] }, { maxNegativeTtlSeconds: 9 })).toBe(9_000)
    expect(await lifetimeMs({ rcode: 2 }, { failureSeconds: 300 })).toBe(300_000)
  })

  it('never exceeds any TTL or proof in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 1 }), fc.nat(20_000_000), async (ttls, validMs) => {
        const answer = ttls.map((ttl, i) =>
          rrset(i === 0 ? 'a.example' : `n${i}`, 1, [A1], { ttl, proof: secure(NOW + validMs) }),
        )
        const { expiresAtMs } = await cacheOver({ answer }).ask(query)
        expect(expiresAtMs).toBe(NOW + Math.min(validMs, ...ttls.map((ttl) => ttl * 1_000)))
      }),
    )
  })
})

describe('cached', () => {
  it('rejects again with the error that it kept', async () => {
    const error = new LookupError('dnssec/bogus', 'x', { owner: query.name, type: 'A' })
    const { state, ask } = cacheOver(error)
    await expect(ask(query)).rejects.toBe(error)
    await expect(ask(query)).rejects.toBe(error)
    expect(state.asked).toBe(1)
  })

  it('is passed by where the caller says so, and keeps what came', async () => {
    const { state, ask } = cacheOver({ answer: [address('a.example', '192.0.2.1')] })
    await ask(query)
    state.answer = { answer: [address('a.example', '192.0.2.2')] }
    const fresh = await ask(query, { pastCache: true })
    expect(state.asked).toBe(2)
    expect(await ask(query)).toEqual(fresh)
    expect(state.asked).toBe(2)
  })

  it('tells questions apart by name, type and CD', async () => {
    const { state, ask } = cacheOver({ answer: [address('a.example', '192.0.2.1')] })
    await ask(query)
    await ask({ ...query, checkingDisabled: true })
    expect(state.asked).toBe(1)
    await ask({ ...query, checkingDisabled: false })
    await ask({ ...query, type: 28 })
    await ask({ ...query, name: n('b.example') })
    expect(state.asked).toBe(4)
  })

  it('drops the least recently used', async () => {
    const { state, ask } = cacheOver({ authority: [soaOf('.', 60)] }, { maxEntries: 2 })
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name: n(name), type: 1 }))
    if (!a || !b || !c) throw new Error('three')
    for (const question of [a, b, a, c, a]) await ask(question)
    expect(state.asked).toBe(3)
    await ask(b)
    expect(state.asked).toBe(4)
  })

  it('lives no longer for a clock that steps back', async () => {
    const { state, ask } = cacheOver({ answer: [address('a.example', '192.0.2.1', { ttl: 60 })] })
    await ask(query)
    state.atMs = NOW - 3_600_000
    await ask(query)
    expect(state.asked).toBe(2)
    state.atMs = NOW - 3_600_000 + 59_999
    await ask(query)
    expect(state.asked).toBe(2)
  })

  it('forgets on demand, and what was under way meanwhile', async () => {
    let release = () => {}
    let asked = 0
    const ask = cached(async (question) => {
      asked++
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return reply(question, { answer: [address('a.example', '192.0.2.1')] })
    })
    const underWay = ask(query)
    ask.clear()
    release()
    await underWay
    void ask(query)
    expect(asked).toBe(2)
    release()
  })

  it('asks nobody for a caller that has left', async () => {
    const { state, ask } = cacheOver({})
    const reason = new Error('enough')
    await expect(ask(query, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(state.asked).toBe(0)
  })

  it.each([{ maxEntries: 0 }, { failureSeconds: 0 }, { failureSeconds: 301 }, { maxEntries: Number.NaN }])(
    'refuses %j',
    (options) => {
      expect(() => cached(async (question) => reply(question), options)).toThrow(/is not from/)
    },
  )
})
