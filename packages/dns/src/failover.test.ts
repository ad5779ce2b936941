import { type Exchange, LookupError, type LookupErrorCode, type Reply } from '@portolan/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failover } from './failover.ts'
import { n, reply } from './testing/replies.ts'
import { truncationFallback } from './truncation.ts'

const query = { name: n('a.example'), type: 1 }
const failing = (code: LookupErrorCode): Exchange => {
  return async () => {
    throw new LookupError(code, `failed with ${code}`, { owner: query.name, type: 'A', server: code })
  }
}
const answering =
  (parts: Partial<Reply>): Exchange =>
  async (question) =>
    reply(question, parts)
const silent = (signals: AbortSignal[] = []): Exchange => {
  return (_, options) => {
    const { signal } = options ?? {}
    if (signal) signals.push(signal)
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
}
function counted(exchange: Exchange) {
  const ask = vi.fn(exchange)
  return ask
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('failover', () => {
  it.each<[string, Exchange]>([
    ['time-out', failing('dns/timeout')],
    ['refusal', failing('dns/network')],
    ['garbage', failing('dns/malformed')],
    ['SERVFAIL', answering({ rcode: 2 })],
    ['REFUSED', answering({ rcode: 5 })],
    ['FORMERR', answering({ rcode: 1 })],
    ['NOTIMP', answering({ rcode: 4 })],
  ])('goes to the next server after %s, and stays with it', async (_, first) => {
    const bad = counted(first)
    const ask = failover([bad, answering({ server: 'good' })])
    expect(await ask(query)).toMatchObject({ server: 'good' })
    expect(await ask(query)).toMatchObject({ server: 'good' })
    expect(bad).toHaveBeenCalledTimes(1)
  })

  it('comes back round to the first', async () => {
    let isUp = false
    const first: Exchange = (...question) =>
      (isUp ? answering({ server: 'first' }) : failing('dns/timeout'))(...question)
    const second: Exchange = (...question) =>
      (isUp ? failing('dns/timeout') : answering({ server: 'second' }))(...question)
    const ask = failover([first, second])
    expect(await ask(query)).toMatchObject({ server: 'second' })
    isUp = true
    expect(await ask(query)).toMatchObject({ server: 'first' })
    expect(await ask(query)).toMatchObject({ server: 'first' })
  })

  it('takes NXDOMAIN for an answer', async () => {
    const second = counted(answering({}))
    expect(await failover([answering({ rcode: 3 }), second])(query)).toMatchObject({ rcode: 3 })
    expect(second).not.toHaveBeenCalled()
  })

  it('asks the next beside a silent one, and aborts the one that lost', async () => {
    const signals: AbortSignal[] = []
    const asking = failover([silent(signals), answering({ server: 'good' })], { patienceMs: 700 })(query)
    await vi.advanceTimersByTimeAsync(699)
    expect(signals[0]?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await asking).toMatchObject({ server: 'good' })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('hands over SERVFAIL where nobody does better: deciding is for the layer above', async () => {
    const ask = failover([failing('dns/timeout'), answering({ rcode: 2, server: 'second' }), answering({ rcode: 5 })])
    expect(await ask(query)).toMatchObject({ rcode: 2, server: 'second' })
  })

  it('rejects with all errors, under the code of the first', async () => {
    const error: unknown = await failover([failing('dns/timeout'), failing('dns/network')])(query).catch((one) => one)
    expect(error).toBeInstanceOf(LookupError)
    expect(error).toMatchObject({
      code: 'dns/timeout',
      server: 'dns/timeout',
      attempts: [{ code: 'dns/timeout' }, { code: 'dns/network' }],
    })
  })

  it('rejects with the caller’s reason and aborts what is under way', async () => {
    const signals: AbortSignal[] = []
    const caller = new AbortController()
    const asking = failover([silent(signals), silent(signals)])(query, { signal: caller.signal })
    const reason = new Error('enough')
    const rejected = expect(asking).rejects.toBe(reason)
    await vi.advanceTimersByTimeAsync(1_000)
    caller.abort(reason)
    await rejected
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('does not hide a bug behind the next server', async () => {
    const broken: Exchange = async () => {
      throw new TypeError('a bug')
    }
    await expect(failover([broken, answering({})])(query)).rejects.toThrow(TypeError)
  })

  it('refuses no servers at all', () => {
    expect(() => failover([])).toThrow(/servers/)
  })
})

describe('truncationFallback', () => {
  it('keeps a whole datagram', async () => {
    const stream = counted(answering({ server: 'tcp' }))
    expect(await truncationFallback(answering({ server: 'udp' }), stream)(query)).toMatchObject({ server: 'udp' })
    expect(stream).not.toHaveBeenCalled()
  })

  it.each<[string, Exchange]>([
    ['truncated', answering({ truncated: true })],
    ['lost', failing('dns/timeout')],
  ])('asks the stream where the datagram is %s (RFC 7766 §5)', async (_, datagram) => {
    expect(await truncationFallback(datagram, answering({ server: 'tcp' }))(query)).toMatchObject({ server: 'tcp' })
  })

  it('asks the stream beside a datagram that is late', async () => {
    const asking = truncationFallback(silent(), answering({ server: 'tcp' }))(query)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await asking).toMatchObject({ server: 'tcp' })
  })

  it('does not take half an answer for one where TCP fails', async () => {
    const ask = truncationFallback(answering({ truncated: true }), failing('dns/network'))
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network' })
  })

  it('refuses a truncated stream', async () => {
    const ask = truncationFallback(answering({ truncated: true }), answering({ truncated: true }))
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/malformed' })
  })

  it('says what the datagrams ended in where both fail', async () => {
    const ask = truncationFallback(failing('dns/timeout'), failing('dns/network'))
    await expect(ask(query)).rejects.toMatchObject({
      code: 'dns/timeout',
      attempts: [{ code: 'dns/timeout' }, { code: 'dns/network' }],
    })
  })
})
