import { A, parseName, SRV } from '@portolan/core'
import { readMessage } from '@portolan/dns'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { framed } from './framing.ts'
import { startTestbed, type Testbed, TestbedError } from './index.node.ts'
import { ask, datagram, glance, isAnswered, query, stream } from './testing/ask.node.ts'

let testbed: Testbed

beforeAll(async () => {
  testbed = await startTestbed()
  const fleet = testbed.zone('fleet.test.')
  fleet.add('host', A, '127.0.0.2')
  const target = parseName('host.fleet.test.')
  const targets = (length: number) => Array.from({ length }, (_, port) => ({ priority: 0, weight: 1, port, target }))
  fleet.replace('some', SRV, targets(60)) // some 2,300 octets
  fleet.replace('many', SRV, targets(300)) // some 11,000
})
afterAll(() => testbed.close())

describe('size', () => {
  it.each([
    ['512 without EDNS (RFC 1035 §4.2.1)', 'some.fleet.test', { edns: false }, true],
    ['what EDNS says (RFC 6891 §6.2.5)', 'some.fleet.test', { udpPayloadOctets: 1232 }, true],
    ['what EDNS says, when it is enough', 'some.fleet.test', { udpPayloadOctets: 4096 }, false],
    ['no more than the server gives', 'many.fleet.test', { udpPayloadOctets: 65_535 }, true],
    ['no less than 512, whatever EDNS says (RFC 6891 §6.2.3)', 'host.fleet.test', { udpPayloadOctets: 0 }, false],
  ])('%s', async (_, name, asking, truncated) => {
    const { flags, answer } = await ask(testbed, name, 33, asking)
    expect(flags.tc).toBe(truncated)
    if (truncated) expect(answer).toEqual([])
  })
  it('a stream brings the whole (RFC 7766 §5)', async () => {
    const [reply] = await stream(testbed, [framed(query('many.fleet.test', 33))], 1)
    const message = readMessage(reply ?? new Uint8Array())
    expect([message.flags.tc, glance(message.answer)]).toEqual([false, 'SRV*300 RRSIG(SRV)'])
  })
  it('what no stream holds is truncated there too', async () => {
    const target = parseName(`${'x'.repeat(63)}.${'y'.repeat(63)}.fleet.test.`)
    const values = Array.from({ length: 500 }, (_, port) => ({ priority: 0, weight: 1, port, target }))
    testbed.zone('fleet.test.').replace('huge', SRV, values)
    const [reply] = await stream(testbed, [framed(query('huge.fleet.test', 33))], 1)
    expect(readMessage(reply ?? new Uint8Array()).flags.tc).toBe(true)
  })
})

describe('streams (RFC 7766 §6.2.1)', () => {
  it('several questions at once are all answered', async () => {
    const ids = [1, 2, 3, 65_535]
    const together = Buffer.concat(ids.map((id) => framed(query('host.fleet.test', 1, { id }))))
    const replies = (await stream(testbed, [together], ids.length)).map(readMessage)
    expect(replies.map(({ id }) => id)).toEqual(ids)
  })
  it('a question may come octet by octet', async () => {
    const octets = framed(query('host.fleet.test', 1))
    const pieces = Array.from(octets, (octet) => Uint8Array.of(octet))
    const [reply] = (await stream(testbed, pieces, 1)).map(readMessage)
    expect(glance(reply?.answer ?? [])).toBe('A RRSIG(A)')
  })
})

describe('what is no plain question', () => {
  const at = (offset: number, value: number, from = query('host.fleet.test', 1)) => {
    from[offset] = value
    return from
  }
  const end = query('host.fleet.test', 1).length
  it.each([
    ['another opcode: NOTIMP', at(2, 0x28 | 0x01), 4],
    ['another class: REFUSED', at(end - 12, 3), 5],
    ['EDNS version 1: BADVERS (RFC 6891 §6.1.3)', at(end - 5, 1), 16],
    ['no question: FORMERR', at(5, 0, query('host.fleet.test', 1).slice(0, 12)), 1],
    ['a question that ends early: FORMERR', query('host.fleet.test', 1).slice(0, 20), 1],
  ])('%s', async (_, octets, rcode) => {
    if (octets.length === 12) octets[11] = 0
    const reply = readMessage(await datagram(testbed, octets))
    expect([reply.id, reply.rcode, reply.answer]).toEqual([4711, rcode, []])
  })
  it.each([
    ['a reply', at(2, 0x81)],
    ['half a header', query('host.fleet.test', 1).slice(0, 7)],
  ])('%s is not answered', async (_, octets) => {
    expect(await isAnswered(testbed, octets)).toBe(false)
  })
  it('the question comes back in the case that it had, and its answer is the same', async () => {
    const octets = query('host.fleet.test', 1)
    octets.set(new TextEncoder().encode('HoSt'), 13)
    const { questions, answer } = readMessage(await datagram(testbed, octets))
    expect(new TextDecoder().decode(questions[0]?.ownerOctets.slice(1, 5))).toBe('HoSt')
    expect([glance(answer), answer[0]?.name]).toEqual(['A RRSIG(A)', 'host.fleet.test.'])
  })
})

it('any octets end in a reply, or in silence, and the server goes on', async () => {
  const sent = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.nat(40), fc.nat(255)).map(([offset, value]) => {
      const octets = query('host.fleet.test', 1)
      octets[offset % octets.length] = value
      return octets
    }),
  )
  await fc.assert(
    fc.asyncProperty(sent, async (octets) => {
      await stream(testbed, [framed(octets), framed(query('host.fleet.test', 1, { id: 1 }))], 1)
    }),
    { numRuns: 200 },
  )
  expect(glance((await ask(testbed, 'host.fleet.test', 1)).answer)).toBe('A RRSIG(A)')
})

describe('starting', () => {
  it('refuses a port that is taken', async () => {
    const { port } = testbed.resolver
    const error = await startTestbed({ port }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TestbedError)
    expect(error).toHaveProperty('code', 'testbed/listen')
  })
  it('refuses what is no lifetime', async () => {
    await expect(startTestbed({ signatureLifetimeSeconds: 59 })).rejects.toHaveProperty('code', 'core/invalid-option')
  })
  it('obeys an aborted signal, with its reason', async () => {
    const reason = new Error('not now')
    await expect(startTestbed({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
  it('may be closed twice, and is gone then', async () => {
    const short = await startTestbed()
    await Promise.all([short.close(), short.close()])
    await expect(stream(short, [framed(query('.', 6))], 1)).rejects.toHaveProperty('code', 'ECONNREFUSED')
  })
})
