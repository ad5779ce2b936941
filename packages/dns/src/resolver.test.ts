import { A, type Exchange, LookupError, type Reply, SRV } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { resolver } from './resolver.ts'
import { address, cname, dname, NOW, n, reply, rrset, secure, soaOf, unproved } from './testing/replies.ts'

/** Answers each name with what the table has for it, and notes who was asked for. */
function server(table: Record<string, Partial<Reply>>) {
  const asked: string[] = []
  const exchange: Exchange = async (query) => {
    asked.push(query.name)
    const parts = table[query.name]
    if (parts === undefined) throw new Error(`nobody should ask for ${query.name}`)
    return reply(query, parts)
  }
  return { asked, lookup: resolver(exchange, { now: () => NOW }) }
}
const ask = (parts: Partial<Reply>, name = 'a.example') => server({ [n(name)]: parts }).lookup(n(name), A)
const failure = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(LookupError)
  return error as LookupError
}

describe('records', () => {
  it('gives them typed, not judged where nobody judged, until their TTL', async () => {
    expect(await ask({ answer: [address('a.example', '192.0.2.1', { ttl: 60 })] })).toEqual({
      canonicalName: 'a.example.',
      aliases: [],
      records: ['192.0.2.1'],
      malformed: [],
      absence: undefined,
      proof: expect.objectContaining({ security: 'indeterminate', reason: 'not-judged' }),
      expiresAtMs: NOW + 60_000,
      age: undefined,
    })
  })

  it('hands on the proof of the RRset and ends with it', async () => {
    const proof = secure(NOW + 5_000)
    const answer = await ask({ answer: [address('a.example', '192.0.2.1', { proof })], proof })
    expect(answer).toMatchObject({ proof, expiresAtMs: NOW + 5_000 })
  })

  it('does not take a secure whole for an RRset that nobody judged', async () => {
    const answer = await ask({ answer: [address('a.example', '192.0.2.1')], proof: secure() })
    expect(answer.proof.security).toBe('indeterminate')
  })

  it('nor an alias that nobody judged', async () => {
    const proof = secure()
    const answer = await ask({ answer: [cname('a.example', 'b.'), address('b.', '192.0.2.1', { proof })], proof })
    expect(answer).toMatchObject({
      proof: { security: 'indeterminate' },
      aliases: [{ proof: { security: 'indeterminate' } }],
    })
  })

  it('keeps what it cannot decode apart, with the error', async () => {
    const answer = await ask({ answer: [rrset('a.example', 1, [Uint8Array.of(1), Uint8Array.of(192, 0, 2, 1)])] })
    expect(answer.records).toEqual(['192.0.2.1'])
    expect(answer.malformed).toMatchObject([{ code: 'core/malformed-record' }])
  })

  it('uses the expiry and age that a cache set', async () => {
    const answer = await ask({ answer: [address('a.example', '192.0.2.1')], expiresAtMs: NOW + 7, age: 'stale' })
    expect(answer).toMatchObject({ expiresAtMs: NOW + 7, age: 'stale' })
  })

  it('passes the signal on, and the reason for an abort back', async () => {
    const reason = new Error('enough')
    const lookup = resolver((_, options) => Promise.reject(options?.signal?.reason))
    await expect(lookup(n('a'), A, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('aliases', () => {
  it('follows CNAMEs in any order, each hop with its proof, the whole as weak as the weakest', async () => {
    const [one, two, three] = [secure(NOW + 3_000), unproved('insecure'), secure(NOW + 1_000)]
    const answer = await ask({
      answer: [
        address('c.example', '192.0.2.1', { proof: three }),
        cname('b.example', 'c.example', { proof: two }),
        cname('a.example', 'b.example', { proof: one }),
      ],
    })
    expect(answer.aliases).toEqual([
      { owner: 'a.example.', target: 'b.example.', via: 'CNAME', proof: one },
      { owner: 'b.example.', target: 'c.example.', via: 'CNAME', proof: two },
    ])
    expect(answer).toMatchObject({
      canonicalName: 'c.example.',
      records: ['192.0.2.1'],
      proof: two,
      expiresAtMs: NOW + 1_000,
    })
  })

  it('makes a DNAME hop itself, with the proof of the DNAME, whatever CNAME stands beside it (RFC 6672 §3.4)', async () => {
    const proof = secure()
    const answer = await ask(
      {
        answer: [
          dname('old.example', 'new.example', { proof }),
          cname('a.old.example', 'evil.example'),
          address('a.new.example', '192.0.2.1', { proof }),
          address('evil.example', '203.0.113.1', { proof }),
        ],
      },
      'a.old.example',
    )
    expect(answer.aliases).toEqual([{ owner: 'a.old.example.', target: 'a.new.example.', via: 'DNAME', proof }])
    expect(answer).toMatchObject({ records: ['192.0.2.1'], proof })
  })

  it('asks for the target where the reply ends before the chain does', async () => {
    const { asked, lookup } = server({
      'a.example.': { answer: [cname('a.example', 'b.example', { ttl: 9 })] },
      'b.example.': { answer: [cname('b.example', 'c.example')], proof: undefined },
      'c.example.': { answer: [address('c.example', '192.0.2.1')] },
    })
    expect(await lookup(n('a.example'), A)).toMatchObject({ canonicalName: 'c.example.', expiresAtMs: NOW + 9_000 })
    expect(asked).toEqual(['a.example.', 'b.example.', 'c.example.'])
  })

  it('asks for the target above a validator too, and joins the proofs of both replies', async () => {
    const { asked, lookup } = server({
      'a.example.': { answer: [cname('a.example', 'b.test', { proof: secure() })], proof: secure() },
      'b.test.': {
        rcode: 3,
        proof: unproved('insecure'),
        denial: { owner: n('b.test'), kind: 'nxdomain', proof: unproved('insecure') },
      },
    })
    const answer = await lookup(n('a.example'), A)
    expect(answer).toMatchObject({ absence: 'nxdomain', canonicalName: 'b.test.', proof: { security: 'insecure' } })
    expect(answer.aliases).toMatchObject([{ proof: { security: 'secure' } }])
    expect(asked).toEqual(['a.example.', 'b.test.'])
  })

  it('does not follow a CNAME beside the records that were asked for', async () => {
    const answer = await ask({ answer: [cname('a.example', 'b.example'), address('a.example', '192.0.2.1')] })
    expect(answer.aliases).toEqual([])
  })

  it('does not follow an alias of which only signatures came', async () => {
    const signatures = { ...cname('a.example', 'b.example'), records: [] }
    expect(await ask({ answer: [signatures] })).toMatchObject({ absence: 'nodata', aliases: [] })
  })

  it.each<[string, Record<string, Partial<Reply>>]>([
    ['to itself', { 'a.': { answer: [cname('a', 'a')] } }],
    ['in one reply', { 'a.': { answer: [cname('a', 'b'), cname('b', 'a')] } }],
    ['over two replies', { 'a.': { answer: [cname('a', 'b')] }, 'b.': { answer: [cname('b', 'a')] } }],
  ])('ends a loop %s', async (_, table) => {
    expect(await failure(server(table).lookup(n('a'), A))).toMatchObject({ code: 'dns/alias-loop', owner: 'a.' })
  })

  const chain = (length: number) => Array.from({ length }, (_, i) => cname(`n${i}`, `n${i + 1}`))
  it('follows twelve aliases and no more', async () => {
    const answer = await ask({ answer: [...chain(12), address('n12', '192.0.2.1')] }, 'n0')
    expect(answer.aliases).toHaveLength(12)
    const error = await failure(ask({ answer: [...chain(13), address('n13', '192.0.2.1')] }, 'n0'))
    expect(error.code).toBe('dns/alias-loop')
  })

  it('counts aliases over replies: a server that invents one each time is left', async () => {
    let asked = 0
    const lookup = resolver(async (query) => reply(query, { answer: [cname(query.name, `n${++asked}`)] }))
    expect((await failure(lookup(n('a'), A))).code).toBe('dns/alias-loop')
    expect(asked).toBe(13)
  })

  it.each<[string, Partial<Reply>, string]>([
    [
      'two CNAMEs',
      { answer: [rrset('a.example', 5, [Uint8Array.of(1, 98, 0), Uint8Array.of(1, 99, 0)])] },
      'dns/malformed',
    ],
    [
      'a CNAME with octets behind the name',
      { answer: [rrset('a.example', 5, [Uint8Array.of(1, 98, 0, 0)])] },
      'dns/malformed',
    ],
    [
      'a DNAME that makes 256 octets',
      { answer: [dname('example', `${`${'x'.repeat(63)}.`.repeat(3)}${'y'.repeat(61)}`)] },
      'dns/rcode',
    ],
  ])('refuses %s', async (_, parts, code) => {
    expect((await failure(ask(parts))).code).toBe(code)
  })
})

describe('absence', () => {
  it.each<[string, Partial<Reply>, object]>([
    ['NXDOMAIN', { rcode: 3, authority: [soaOf('example', 60)] }, { absence: 'nxdomain', expiresAtMs: NOW + 60_000 }],
    ['NODATA', { authority: [soaOf('example', 60)] }, { absence: 'nodata', expiresAtMs: NOW + 60_000 }],
    ['nothing at all', {}, { absence: 'nodata', expiresAtMs: NOW }],
    [
      'an alias to nowhere',
      { rcode: 3, answer: [cname('a.example', 'b.example')], authority: [soaOf('example', 60)] },
      { absence: 'nxdomain', canonicalName: 'b.example.' },
    ],
    [
      'an alias to NODATA',
      { answer: [cname('a.example', 'b.example')], authority: [soaOf('example', 60)] },
      { absence: 'nodata', canonicalName: 'b.example.' },
    ],
  ])('derives it from %s where nobody judged', async (_, parts, expected) => {
    expect(await ask(parts)).toMatchObject({ records: [], proof: { security: 'indeterminate' }, ...expected })
  })

  it('takes it from the denial, with its proof', async () => {
    const proof = secure(NOW + 4_000)
    const denial = { owner: n('a.example'), kind: 'nodata', proof } as const
    const answer = await ask({ denial, proof, authority: [soaOf('example', 60)] })
    expect(answer).toMatchObject({ absence: 'nodata', proof, expiresAtMs: NOW + 4_000 })
  })

  it.each<[string, Partial<Reply>]>([
    ['nothing', {}],
    ['the denial of another name', { denial: { owner: n('b.example'), kind: 'nxdomain', proof: secure() } }],
  ])('is not concluded from a judged reply with %s', async (_, parts) => {
    expect((await failure(ask({ proof: secure(), ...parts }))).code).toBe('dns/malformed')
  })

  it('is not a referral (RFC 2308 §2.2)', async () => {
    const error = await failure(ask({ authority: [rrset('example', 2, [Uint8Array.of(1, 98, 0)])] }))
    expect(error.code).toBe('dns/mismatched-reply')
  })
})

describe('failures', () => {
  it('names the response code, the server and its Extended DNS Errors (RFC 8914)', async () => {
    const extendedErrors = [{ code: 6, text: 'no signature' }]
    const error = await failure(ask({ rcode: 2, extendedErrors }))
    expect(error).toMatchObject({
      code: 'dns/rcode',
      rcode: 'SERVFAIL',
      server: '192.0.2.53:53',
      extendedErrors,
      type: 'A',
    })
    expect(error.message).toContain('SERVFAIL (EDE 6: no signature) (asked 192.0.2.53:53)')
  })

  const bogus = unproved('bogus')
  it.each<[string, Partial<Reply>]>([
    ['the whole', { answer: [address('a.example', '192.0.2.1', { proof: secure() })], proof: bogus }],
    ['the whole, beside an error', { rcode: 2, proof: bogus }],
    ['the records', { answer: [address('a.example', '192.0.2.1', { proof: bogus })] }],
    [
      'an alias',
      { answer: [cname('a.example', 'b.', { proof: bogus }), address('b.', '192.0.2.1', { proof: secure() })] },
    ],
    ['the denial', { denial: { owner: n('a.example'), kind: 'nodata', proof: bogus }, proof: secure() }],
  ])('rejects where %s is bogus', async (_, parts) => {
    const error = await failure(ask(parts))
    expect(error).toMatchObject({ code: 'dnssec/bogus', proof: bogus, security: 'bogus' })
  })

  it('refuses a truncated reply: its records are missing', async () => {
    expect((await failure(ask({ truncated: true }))).code).toBe('dns/malformed')
  })

  it('names the type in full', async () => {
    const lookup = resolver(async (query) => reply(query, { rcode: 5 }))
    expect(await failure(lookup(n('a'), SRV))).toMatchObject({ type: 'SRV', rcode: 'REFUSED' })
  })
})
