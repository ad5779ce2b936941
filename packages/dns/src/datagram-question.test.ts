import { isPortolanError, LookupError } from '@portolan/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askByDatagram, type Datagram, type DatagramSettings } from './datagram-question.ts'
import { retryTimer } from './retry-timer.ts'
import { slots } from './slots.ts'
import { message, question, record } from './testing/messages.ts'
import { n } from './testing/replies.ts'

const query = { name: n('a.example'), type: 1 }
const good = message({
  questions: [question('a.example.', 1)],
  answer: [record('a.example.', 1, Uint8Array.of(192, 0, 2, 1))],
})
const other = message({ questions: [question('b.example.', 1)] })

/** A socket in memory: what was sent when, and who waits. */
function network(settings: Partial<DatagramSettings> = {}) {
  const sent: { atMs: number; datagram: Datagram; isReleased: boolean }[] = []
  const full: DatagramSettings = {
    server: '192.0.2.53:53',
    timeoutMs: 5_000,
    maxTries: 3,
    udpPayloadOctets: 1_232,
    inFlight: slots(10),
    timer: retryTimer(),
    monotonicNow: () => Date.now(),
    inTurn: (read) => read(),
    socket: () => ({
      send(datagram) {
        expect(datagram.octets(7).length).toBeGreaterThan(12)
        const entry = { atMs: Date.now(), datagram, isReleased: false }
        sent.push(entry)
        return () => {
          entry.isReleased = true
        }
      },
    }),
    ...settings,
  }
  const ask = (signal?: AbortSignal) => {
    const outcome = askByDatagram(query, full, signal)
    return outcome.then(
      (reply) => reply,
      (error: unknown) => error,
    )
  }
  return { sent, ask, times: () => sent.map(({ atMs }) => atMs) }
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a question by datagrams', () => {
  it('is sent three times in all, at doubling distance (RFC 9520 §3.1, RFC 6298 §5.5), then is late', async () => {
    const { ask, times, sent } = network()
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(4_999)
    expect(times()).toEqual([0, 400, 1_200])
    expect(sent.map(({ isReleased }) => isReleased)).toEqual([false, false, false])
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toMatchObject({
      code: 'dns/timeout',
      server: '192.0.2.53:53',
      owner: 'a.example.',
      type: 'A',
    })
    expect(sent.map(({ isReleased }) => isReleased)).toEqual([true, true, true])
  })

  it('is not sent again while its reply waits to be read', async () => {
    const line: (() => void)[] = []
    const { ask, sent, times } = network({ inTurn: (read) => void line.push(read) })
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(399)
    sent[0]?.datagram.onReply(other)
    await vi.advanceTimersByTimeAsync(100)
    expect(times()).toEqual([0])
    line.shift()?.()
    await vi.advanceTimersByTimeAsync(11)
    expect(times()).toEqual([0, 500])
    sent[1]?.datagram.onReply(good)
    line.shift()?.()
    expect(await outcome).toMatchObject({ rcode: 0 })
  })

  it('keeps only a few of the datagrams that a server floods it with', async () => {
    const line: (() => void)[] = []
    const { ask, sent } = network({ inTurn: (read) => void line.push(read) })
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(1)
    for (let i = 0; i < 1_000; i++) sent[0]?.datagram.onReply(other)
    expect(line).toHaveLength(8)
    for (const read of line.splice(0)) read()
    sent[0]?.datagram.onReply(good)
    line.shift()?.()
    expect(await outcome).toMatchObject({ rcode: 0 })
  })

  it('takes the late answer to an earlier try, and lets go of all', async () => {
    const { ask, sent } = network()
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(500)
    expect(sent).toHaveLength(2)
    sent[0]?.datagram.onReply(good)
    expect(await outcome).toMatchObject({ rcode: 0, answer: [{ owner: 'a.example.' }] })
    expect(sent.map(({ isReleased }) => isReleased)).toEqual([true, true])
  })

  it('asks again by the round trips that it measured, of the very try that was answered', async () => {
    const timer = retryTimer()
    const first = network({ timer })
    for (let i = 0; i < 30; i++) {
      const outcome = first.ask()
      await vi.advanceTimersByTimeAsync(80)
      first.sent.at(-1)?.datagram.onReply(good)
      await outcome
    }
    const { ask, times, sent } = network({ timer })
    const [start, outcome] = [Date.now(), ask()]
    await vi.advanceTimersByTimeAsync(300)
    sent.at(-1)?.datagram.onReply(good)
    await outcome
    const [, second = 0] = times()
    expect(second - start).toBeGreaterThanOrEqual(105)
    expect(second - start).toBeLessThan(125)
  })

  it.each<[string, Uint8Array, string]>([
    ['another question', other, 'dns/mismatched-reply'],
    ['garbage', new Uint8Array(10_240).fill(0x61), 'dns/malformed'],
  ])('passes over %s and takes what comes after it', async (_, datagram) => {
    const { ask, sent } = network()
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(1)
    sent[0]?.datagram.onReply(datagram)
    sent[0]?.datagram.onReply(good)
    expect(await outcome).toMatchObject({ rcode: 0 })
  })

  it.each<[string, Uint8Array, string]>([
    ['another question', other, 'dns/mismatched-reply'],
    ['garbage', new Uint8Array(10_240).fill(0x61), 'dns/malformed'],
  ])('ends early where each try got %s, and says so', async (_, datagram, code) => {
    const { ask, sent, times } = network()
    const outcome = ask()
    for (const [index, wait] of [1, 400, 800].entries()) {
      await vi.advanceTimersByTimeAsync(wait)
      sent[index]?.datagram.onReply(datagram)
      sent[index]?.datagram.onReply(datagram)
    }
    expect(await outcome).toMatchObject({ code, attempts: expect.arrayContaining([expect.objectContaining({ code })]) })
    expect(times()).toEqual([0, 400, 1_200])
  })

  it('remembers strays as the reason, but not without bound', async () => {
    const { ask, sent } = network()
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(1)
    for (let i = 0; i < 1_000; i++) sent[0]?.datagram.onStray(`stray ${i}`)
    await vi.advanceTimersByTimeAsync(5_000)
    const error = (await outcome) as LookupError
    expect(error).toBeInstanceOf(LookupError)
    expect(error.code).toBe('dns/mismatched-reply')
    expect(error.message).toContain('stray 7 (asked 192.0.2.53:53)')
    expect(error.attempts).toHaveLength(8)
  })

  it('ends at once where the socket fails, with its error as cause', async () => {
    const { ask, sent } = network()
    const outcome = ask()
    await vi.advanceTimersByTimeAsync(1)
    const cause = new Error('recvmsg ECONNREFUSED')
    sent[0]?.datagram.onFailure(cause)
    expect(await outcome).toMatchObject({ code: 'dns/network', cause })
  })

  it('ends with the caller’s own reason, sent or still in line', async () => {
    const { ask, sent } = network({ inFlight: slots(1) })
    const [first, second] = [new AbortController(), new AbortController()]
    const [one, two, three] = [ask(first.signal), ask(second.signal), ask()]
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(1)
    second.abort('two leaves')
    first.abort('one leaves')
    expect([await one, await two]).toEqual(['one leaves', 'two leaves'])
    await vi.advanceTimersByTimeAsync(1)
    expect(sent).toHaveLength(2)
    sent[1]?.datagram.onReply(good)
    expect(isPortolanError(await three)).toBe(false)
  })

  it('counts the time in line', async () => {
    const { ask } = network({ inFlight: slots(1), timeoutMs: 100 })
    const outcomes = [ask(), ask()]
    await vi.advanceTimersByTimeAsync(100)
    expect(await Promise.all(outcomes)).toMatchObject([{ code: 'dns/timeout' }, { code: 'dns/timeout' }])
  })
})
