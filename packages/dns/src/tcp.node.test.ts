import { InvalidOptionError, SRV } from '@portolan/core'
import { afterEach, describe, expect, it } from 'vitest'
import { resolver } from './resolver.ts'
import { type TcpOptions, tcp } from './tcp.node.ts'
import { closedPort, replyTo, type StreamAnswer, sendFramed, tcpServer, udpServer } from './testing/loopback.node.ts'
import { pointer, question, RESPONSE, record, srv } from './testing/messages.ts'
import { n } from './testing/replies.ts'
import { truncationFallback } from './truncation.ts'
import { udp } from './udp.node.ts'

const query = { name: n('a.example'), type: 1 }
const questions = Array.from({ length: 20 }, (_, i) => ({ name: n(`n${i}.example`), type: 1 }))
const answering: StreamAnswer = (octets, socket) => sendFramed(socket, replyTo(octets))

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(answer: StreamAnswer, options: Partial<TcpOptions> = {}) {
  const loopback = await tcpServer(answer)
  const ask = tcp({ server: loopback.server, ...options })
  closers.push(ask.close, loopback.close)
  return { ...loopback, ask }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
async function until(condition: () => boolean) {
  while (!condition()) await turn()
}

describe('tcp (RFC 7766)', () => {
  it('asks everything over one connection, replies in any order (§6.2.1.1, §7)', async () => {
    const held: (() => void)[] = []
    const { ask, sockets } = await serve((octets, socket) => {
      held.unshift(() => sendFramed(socket, replyTo(octets)))
      if (held.length === questions.length) for (const release of held) release()
    })
    const replies = await Promise.all(questions.map((one) => ask(one)))
    expect(replies.map(({ query: { name } }) => name)).toEqual(questions.map(({ name }) => name))
    expect(sockets).toHaveLength(1)
  })

  it('keeps ids apart although all draw the same one', async () => {
    const { ask, asked } = await serve(answering, { randomId: () => 65_530 })
    await Promise.all(questions.map((one) => ask(one)))
    expect(new Set(asked.map(({ head }) => head.id)).size).toBe(questions.length)
  })

  it('has no more than so many in flight', async () => {
    const { ask, asked } = await serve(() => {}, { maxInFlight: 2 })
    const caller = new AbortController()
    const asking = questions.map((one) => ask(one, { signal: caller.signal }).catch(() => {}))
    await until(() => asked.length === 2)
    for (let i = 0; i < 20; i++) await turn()
    expect(asked).toHaveLength(2)
    caller.abort()
    await Promise.all(asking)
  })

  it('connects anew after the server closed an idle connection (§6.2.4)', async () => {
    const { ask, sockets } = await serve(answering)
    await ask(query)
    sockets[0]?.end()
    await until(() => sockets[0]?.destroyed === true)
    expect(await ask(query)).toMatchObject({ rcode: 0 })
    expect(sockets).toHaveLength(2)
  })

  it('asks once more what the server left unanswered when it closed (§6.2.4)', async () => {
    const { ask, sockets } = await serve((octets, socket, connection) => {
      if (connection === 1) socket.destroy()
      else sendFramed(socket, replyTo(octets))
    })
    const replies = await Promise.all(questions.map((one) => ask(one)))
    expect(replies).toHaveLength(questions.length)
    expect(sockets).toHaveLength(2)
  })

  it.each<[string, StreamAnswer, RegExp]>([
    ['at once', (_, socket) => socket.end(), /server closed the connection/],
    ['inside a message', (octets, socket) => socket.end(replyTo(octets).subarray(0, 9)), /inside a message, 9 octets/],
  ])('gives up on a server that always closes %s', async (_, answer, why) => {
    const { ask, sockets } = await serve(answer)
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', message: expect.stringMatching(why) })
    expect(sockets).toHaveLength(2)
  })

  it.each<[string, StreamAnswer, string]>([
    ['a frame of one octet', (_, socket) => socket.write(Uint8Array.of(0, 1, 7)), 'dns/malformed'],
    [
      'garbage in a frame',
      (octets, socket) =>
        sendFramed(socket, Uint8Array.of(octets[0] ?? 0, octets[1] ?? 0, ...new Uint8Array(10_240).fill(0x61))),
      'dns/malformed',
    ],
    [
      'the answer to another question',
      (octets, socket) => sendFramed(socket, replyTo(octets, { questions: [question('b.', 1)] })),
      'dns/mismatched-reply',
    ],
  ])('refuses %s', async (_, answer, code) => {
    const { ask } = await serve(answer)
    await expect(ask(query)).rejects.toMatchObject({ code, owner: 'a.example.' })
  })

  it('passes over a reply whose id nobody has', async () => {
    const { ask } = await serve((octets, socket) => {
      sendFramed(socket, replyTo(octets, { id: (octets[0] ?? 0) === 0 ? 0xffff : 0 }))
      sendFramed(socket, replyTo(octets))
    })
    expect(await ask(query)).toMatchObject({ rcode: 0 })
  })

  it('does not take the late reply to an abandoned question for another', async () => {
    const held: (() => void)[] = []
    const { ask, asked } = await serve((octets, socket) => held.push(() => sendFramed(socket, replyTo(octets))), {
      randomId: () => 5,
    })
    const caller = new AbortController()
    const abandoned = ask({ name: n('old.'), type: 1 }, { signal: caller.signal })
    await until(() => held.length === 1)
    caller.abort('enough')
    await expect(abandoned).rejects.toBe('enough')
    const asking = ask(query)
    await until(() => held.length === 2)
    for (const release of held) release()
    expect(await asking).toMatchObject({ query })
    expect(asked.map(({ head }) => head.id)).toEqual([5, 6])
  })

  it('leaves a connection that has gone silent, for the next question', async () => {
    const { ask, sockets } = await serve(
      (octets, socket, connection) => connection > 1 && sendFramed(socket, replyTo(octets)),
      { timeoutMs: 30 },
    )
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/timeout' })
    await until(() => sockets[0]?.destroyed === true)
    expect(await ask(query)).toMatchObject({ rcode: 0 })
    expect(sockets).toHaveLength(2)
  })

  it('closes when idle', async () => {
    const { ask, sockets } = await serve(answering, { idleMs: 0 })
    await ask(query)
    await until(() => sockets[0]?.destroyed === true)
  })

  it('is told of a refusal at once', async () => {
    const ask = tcp({ server: { host: '127.0.0.1', port: await closedPort() }, timeoutMs: 60_000 })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', cause: { code: 'ECONNREFUSED' } })
  })

  it('rejects with the caller’s own reason, before connecting and while waiting', async () => {
    const { ask, asked } = await serve(() => {})
    const [early, late] = [new AbortController(), new AbortController()]
    const reasons = [ask(query, { signal: early.signal }), ask(query, { signal: late.signal })]
    early.abort('early')
    await expect(reasons[0]).rejects.toBe('early')
    await until(() => asked.length > 0)
    late.abort('late')
    await expect(reasons[1]).rejects.toBe('late')
    await expect(ask(query, { signal: late.signal })).rejects.toBe('late')
  })

  it('ends what is under way when it is closed, without connecting again, and what comes later', async () => {
    const { ask, asked, sockets } = await serve(() => {})
    const asking = ask(query)
    await until(() => asked.length === 1)
    ask.close()
    await expect(asking).rejects.toMatchObject({
      code: 'dns/network',
      message: expect.stringContaining('transport was closed'),
    })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network' })
    expect(sockets).toHaveLength(1)
  })

  it.each<[string, TcpOptions]>([
    ['a name', { server: { host: 'dns.example' } }],
    ['a negative time', { server: { host: '127.0.0.1' }, idleMs: -1 }],
  ])('refuses %s', (_, options) => {
    expect(() => tcp(options)).toThrow(InvalidOptionError)
  })
})

describe('a large reply', () => {
  const answer = Array.from({ length: 640 }, (_, i) => record(pointer(12), 1, Uint8Array.of(10, 0, i >> 8, i & 255)))

  /** In how many turns of the event loop it was read, where each look at the clock finds it so much later. */
  async function turnsOfReading(stepMs: number): Promise<number> {
    let turnNumber = 0
    let isOver = false
    const count = () => {
      turnNumber++
      if (!isOver) setImmediate(count)
    }
    count()
    let nowMs = 0
    let replied = Infinity
    const turns = new Set<number>()
    const monotonicNow = () => {
      if (turnNumber >= replied) turns.add(turnNumber)
      nowMs += stepMs
      return nowMs
    }
    const { ask } = await serve(
      (octets, socket) => {
        replied = turnNumber
        sendFramed(socket, replyTo(octets, { answer }))
      },
      { monotonicNow },
    )
    const { answer: rrsets } = await ask(query)
    isOver = true
    expect(rrsets.map(({ records }) => records.length)).toEqual([640])
    return turns.size
  }

  it('is read in pieces, each in a turn of its own where they take long', async () => {
    // 64 records are read at a time, and 128 sorted.
    expect(await turnsOfReading(2)).toBeGreaterThanOrEqual(640 / 64 + 640 / 128)
    expect(await turnsOfReading(0)).toBeLessThan(5)
  })

  it('is read no further when nobody waits for it any more', async () => {
    const caller = new AbortController()
    let looks = 0
    const monotonicNow = () => {
      if (++looks === 4) caller.abort(new Error('enough'))
      return looks * 2
    }
    const { ask } = await serve((octets, socket) => sendFramed(socket, replyTo(octets, { answer })), { monotonicNow })
    await expect(ask(query, { signal: caller.signal })).rejects.toThrow('enough')
    for (let i = 0; i < 20; i++) await turn()
    expect(looks).toBeLessThan(8)
  })
})

describe('truncation over real sockets (RFC 7766 §5)', () => {
  const service = n('_secure-mqtt._tcp.fleet.example')
  const targets = Array.from({ length: 300 }, (_, i) =>
    record(pointer(12), 33, srv(`broker-${i}.fleet.example.`, 8883, i)),
  )

  it('gets 300 SRV records over TCP', async () => {
    const stream = await tcpServer((octets, socket) => sendFramed(socket, replyTo(octets, { answer: targets })))
    const datagram = await udpServer((octets, send) =>
      send(replyTo(octets, { bits: RESPONSE | 0x200, answer: targets.slice(0, 20) })),
    )
    closers.push(stream.close, datagram.close)
    const [overTcp, overUdp] = [tcp({ server: stream.server }), udp({ server: datagram.server })]
    const { records, malformed } = await resolver(truncationFallback(overUdp, overTcp))(service, SRV)
    expect(records.map(({ priority }) => priority)).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(records[299]?.target).toBe('broker-299.fleet.example.')
    expect(malformed).toEqual([])
    overTcp.close()
  })
})
