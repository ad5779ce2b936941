import { InvalidOptionError } from '@portolan/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closedPort, type DatagramAnswer, type Loopback, replyTo, udpServer } from './testing/loopback.node.ts'
import { question, RESPONSE, record } from './testing/messages.ts'
import { n } from './testing/replies.ts'
import type { ClosableExchange } from './transport.ts'
import { type UdpOptions, udp } from './udp.node.ts'

const query = { name: n('a.example'), type: 1 }
const record1 = record('a.example.', 1, Uint8Array.of(192, 0, 2, 1))
const answering: DatagramAnswer = (octets, send) => send(replyTo(octets, { answer: [record1] }))

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(
  answer: DatagramAnswer,
  options: Partial<UdpOptions> = {},
  address?: string,
): Promise<Loopback & { ask: ClosableExchange }> {
  const loopback = await udpServer(answer, address)
  const ask = udp({ server: loopback.server, ...options })
  closers.push(loopback.close, ask.close)
  return { ...loopback, ask }
}

describe('udp', () => {
  it('asks and reads the reply, and names who answered', async () => {
    const { ask, server, asked } = await serve(answering)
    const reply = await ask(query)
    expect(reply).toMatchObject({ query, rcode: 0, truncated: false, server: `127.0.0.1:${server.port}` })
    expect(reply.answer).toMatchObject([
      { owner: 'a.example.', type: 1, records: [{ rdata: Uint8Array.of(192, 0, 2, 1) }] },
    ])
    expect(asked[0]?.head.flags).toMatchObject({ rd: true, cd: true })
  })

  it('asks over IPv6', async () => {
    const { ask, server } = await serve(answering, {}, '::1')
    expect(await ask(query)).toMatchObject({ server: `[::1]:${server.port}`, rcode: 0 })
  })

  it('changes port and id with every question that goes out alone (RFC 5452 §9.2)', async () => {
    const { ask, asked } = await serve(answering)
    for (let i = 0; i < 12; i++) await ask(query)
    expect(new Set(asked.map(({ from }) => from)).size).toBeGreaterThan(8)
    expect(new Set(asked.map(({ head }) => head.id)).size).toBeGreaterThan(8)
  })

  it('settles 403 questions at once although all draw the same id, on several ports', async () => {
    const { ask, asked } = await serve((octets, send) => send(replyTo(octets)), { randomId: () => 65_500 })
    const questions = Array.from({ length: 403 }, (_, i) => ({ name: n(`n${i}.example`), type: 1 }))
    const replies = await Promise.all(questions.map((question) => ask(question)))
    expect(replies.map(({ query: { name } }) => name)).toEqual(questions.map(({ name }) => name))
    expect(new Set(asked.map(({ from }) => from)).size).toBeGreaterThanOrEqual(5)
  })

  it('has no more than so many in flight', async () => {
    let held: (() => void)[] = []
    const { ask, asked } = await serve((octets, send) => void held.push(() => send(replyTo(octets))), {
      maxInFlight: 3,
    })
    const replies = Array.from({ length: 9 }, (_, i) => ask({ name: n(`n${i}.`), type: 1 }))
    const rounds: number[] = []
    while (asked.length < 9) {
      await new Promise((resolve) => setImmediate(resolve))
      if (held.length < 3) continue
      rounds.push(asked.length)
      for (const release of held) release()
      held = []
    }
    for (const release of held) release()
    await Promise.all(replies)
    expect(rounds.slice(0, 2)).toEqual([3, 6])
  })

  it.each<[string, (octets: Uint8Array) => Uint8Array]>([
    ['a wrong id', (octets) => replyTo(octets, { id: (octets[0] === 0 ? 0xff00 : 0) | (octets[1] ?? 0) })],
    ['a wrong question', (octets) => replyTo(octets, { questions: [question('b.example.', 1)] })],
    ['no question', (octets) => replyTo(octets, { questions: [] })],
    ['the query itself', (octets) => octets],
    [
      'garbage with the right id',
      (octets) => Uint8Array.of(octets[0] ?? 0, octets[1] ?? 0, ...new Uint8Array(900).fill(0xc0)),
    ],
    ['one octet', () => Uint8Array.of(7)],
    ['an empty datagram', () => new Uint8Array()],
  ])('passes over %s and takes the reply after it', async (_, forge) => {
    const { ask } = await serve((octets, send) => {
      send(forge(octets))
      answering(octets, send, 1)
    })
    expect(await ask(query)).toMatchObject({ rcode: 0, answer: [{ owner: 'a.example.' }] })
  })

  it.each<[string, (octets: Uint8Array) => Uint8Array, string, RegExp]>([
    [
      'wrong ids',
      (octets) => replyTo(octets, { id: 0xffff & ~((octets[0] ?? 0) << 8) }),
      'dns/mismatched-reply',
      /id \d+ came/,
    ],
    [
      'wrong questions',
      (octets) => replyTo(octets, { questions: [question('b.', 1)] }),
      'dns/mismatched-reply',
      /another question: b\./,
    ],
    [
      'garbage',
      (octets) => Uint8Array.of(octets[0] ?? 0, octets[1] ?? 0, ...new Uint8Array(10_240).fill(0x61)),
      'dns/malformed',
      /malformed DNS/,
    ],
  ])('says so where only %s came', async (_, forge, code, why) => {
    const { ask } = await serve((octets, send) => send(forge(octets)), { timeoutMs: 60, maxTries: 1 })
    await expect(ask(query)).rejects.toMatchObject({ code, owner: 'a.example.', message: expect.stringMatching(why) })
  })

  it('asks again where a reply was lost', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    closers.push(() => vi.useRealTimers())
    const { ask, asked } = await serve((octets, send, number) => number > 1 && answering(octets, send, number))
    const asking = ask(query)
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(400)
    expect(await asking).toMatchObject({ rcode: 0 })
    expect(asked).toHaveLength(2)
    expect(asked[0]?.head.id).not.toBe(asked[1]?.head.id)
  })

  it('takes the second reply to a question that has ended for no stray', async () => {
    const { ask } = await serve(
      (octets, send, number) => {
        if (number > 1) return
        answering(octets, send, number)
        answering(octets, send, number)
      },
      { timeoutMs: 60, maxTries: 1 },
    )
    const [first, second] = [ask(query), ask({ ...query, type: 28 })]
    await first
    await expect(second).rejects.toMatchObject({ code: 'dns/timeout', attempts: [] })
  })

  it('hands on truncation', async () => {
    const { ask } = await serve((octets, send) => send(replyTo(octets, { bits: RESPONSE | 0x200 })))
    expect(await ask(query)).toMatchObject({ truncated: true, answer: [] })
  })

  it('is told of a refusal at once (ICMP)', async () => {
    const ask = udp({ server: { host: '127.0.0.1', port: await closedPort() }, timeoutMs: 60_000 })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', cause: { code: 'ECONNREFUSED' } })
  })

  it('says where the network cannot be reached', async () => {
    // Multicast without a route: connecting or sending fails on any system.
    const ask = udp({ server: { host: 'ff02::1%nosuch0', port: 53 }, timeoutMs: 60_000 })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', cause: expect.any(Error) })
  })

  it('rejects with the caller’s own reason', async () => {
    const { ask } = await serve(() => {})
    const caller = new AbortController()
    const reason = new Error('enough')
    const asking = ask(query, { signal: caller.signal })
    caller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await expect(ask(query, { signal: caller.signal })).rejects.toBe(reason)
  })

  it('ends what is under way when it is closed, and what comes later', async () => {
    const { ask } = await serve(() => {})
    const asking = ask(query)
    await new Promise((resolve) => setImmediate(resolve))
    ask.close()
    await expect(asking).rejects.toMatchObject({ code: 'dns/network' })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network' })
  })

  it.each<[string, UdpOptions]>([
    ['a name', { server: { host: 'dns.example' } }],
    ['port 0', { server: { host: '127.0.0.1', port: 0 } }],
    ['a fourth try', { server: { host: '127.0.0.1' }, maxTries: 4 }],
    ['no time', { server: { host: '127.0.0.1' }, timeoutMs: 0 }],
    ['datagrams of 511 octets', { server: { host: '127.0.0.1' }, udpPayloadOctets: 511 }],
    ['nothing in flight', { server: { host: '127.0.0.1' }, maxInFlight: 0 }],
  ])('refuses %s', (_, options) => {
    expect(() => udp(options)).toThrow(InvalidOptionError)
  })
})
