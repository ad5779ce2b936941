import type { Exchange, Reply } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { coalesced } from './coalesce.ts'
import { n, reply } from './testing/replies.ts'

const query = { name: n('a.example'), type: 1 }

function held() {
  const flights: { resolve(reply: Reply): void; reject(error: unknown): void; signal: AbortSignal | undefined }[] = []
  const exchange: Exchange = (_, options) => {
    return new Promise((resolve, reject) => {
      flights.push({ resolve, reject, signal: options?.signal })
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
    })
  }
  return { flights, ask: coalesced(exchange) }
}

describe('coalesced', () => {
  it('shares one exchange among equal questions', async () => {
    const { flights, ask } = held()
    const both = [ask(query), ask({ ...query, checkingDisabled: true })]
    void ask({ ...query, type: 28 })
    expect(flights).toHaveLength(2)
    const answer = reply(query)
    flights[0]?.resolve(answer)
    expect(await Promise.all(both)).toEqual([answer, answer])
  })

  it('asks again once the reply is there, or the failure', async () => {
    const { flights, ask } = held()
    const failing = ask(query)
    flights[0]?.reject(new Error('no'))
    await expect(failing).rejects.toThrow('no')
    const second = ask(query)
    flights[1]?.resolve(reply(query))
    await second
    void ask(query)
    expect(flights).toHaveLength(3)
  })

  it('lets one caller leave with its own reason and the other stay', async () => {
    const { flights, ask } = held()
    const leaver = new AbortController()
    const stayed = ask(query, { signal: new AbortController().signal })
    const left = ask(query, { signal: leaver.signal })
    const reason = new Error('enough')
    leaver.abort(reason)
    await expect(left).rejects.toBe(reason)
    expect(flights[0]?.signal?.aborted).toBe(false)
    expect(flights).toHaveLength(1)
    flights[0]?.resolve(reply(query))
    await expect(stayed).resolves.toMatchObject({ query })
  })

  it('asks once more for all that stay where the caller leaves whose question is out', async () => {
    const { flights, ask } = held()
    const leaver = new AbortController()
    const left = ask(query, { signal: leaver.signal })
    const stayed = [ask(query, { signal: new AbortController().signal }), ask(query)]
    const reason = new Error('enough')
    leaver.abort(reason)
    await expect(left).rejects.toBe(reason)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(flights.map(({ signal }) => signal?.aborted === true)).toEqual([true, false])
    flights[1]?.resolve(reply(query))
    await expect(Promise.all(stayed)).resolves.toMatchObject([{ query }, { query }])
    void ask(query)
    expect(flights).toHaveLength(3)
  })

  it('aborts the exchange with the last caller, and starts anew for the next', async () => {
    const { flights, ask } = held()
    const leaver = new AbortController()
    const both = [ask(query, { signal: leaver.signal }), ask(query, { signal: leaver.signal })]
    leaver.abort(new Error('enough'))
    await Promise.allSettled(both)
    expect(flights[0]?.signal?.aborted).toBe(true)
    const next = ask(query)
    flights[1]?.resolve(reply(query))
    await expect(next).resolves.toMatchObject({ query })
  })

  it('starts nothing for a caller that has left already', async () => {
    const { flights, ask } = held()
    await expect(ask(query, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect(flights).toHaveLength(0)
  })
})
