import { InvalidOptionError } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { type HttpsOptions, https } from './https.ts'
import { readMessage } from './message.ts'
import { message, question, record } from './testing/messages.ts'
import { n } from './testing/replies.ts'

const url = 'https://192.0.2.53/dns-query'
const query = { name: n('a.example'), type: 1 }
const good = message({
  id: 0,
  questions: [question('a.example.', 1)],
  answer: [record('a.example.', 1, Uint8Array.of(192, 0, 2, 1))],
})
const headers = { 'content-type': 'application/dns-message' }

type Fetch = NonNullable<HttpsOptions['fetch']>
function server(answer: (init: RequestInit) => Response | Promise<Response>, options: Partial<HttpsOptions> = {}) {
  const requests: { url: string; init: RequestInit }[] = []
  const fake: Fetch = async (input, init = {}) => {
    requests.push({ url: String(input), init })
    return answer(init)
  }
  return { requests, ask: https({ url, fetch: fake, ...options }) }
}
const body = (octets: Uint8Array) => new Response(Uint8Array.from(octets), { headers })

describe('https (RFC 8484)', () => {
  it('posts the question with id 0, without cookies, caches or redirects (§4.1)', async () => {
    const { ask, requests } = server(() => body(good))
    expect(await ask(query)).toMatchObject({ rcode: 0, server: url, answer: [{ owner: 'a.example.' }] })
    const [request] = requests
    expect(request).toMatchObject({
      url,
      init: {
        method: 'POST',
        redirect: 'error',
        cache: 'no-store',
        credentials: 'omit',
        headers: { accept: 'application/dns-message' },
      },
    })
    expect(readMessage(request?.init.body as Uint8Array)).toMatchObject({
      id: 0,
      questions: [{ name: 'a.example.', type: 1 }],
    })
  })

  it('takes parameters and any case in the media type', async () => {
    const { ask } = server(
      () => new Response(Uint8Array.from(good), { headers: { 'content-type': 'Application/DNS-Message; x=y' } }),
    )
    expect(await ask(query)).toMatchObject({ rcode: 0 })
  })

  it('reads a large reply in pieces, each in a turn of its own', async () => {
    const turnsOf = async (records: number) => {
      const answer = Array.from({ length: records }, (_, i) => record('a.example.', 1, Uint8Array.of(10, 0, i >> 8, i)))
      const octets = message({ id: 0, questions: [question('a.example.', 1)], answer })
      let turns = 0
      let isOver = false
      const count = () => {
        turns++
        if (!isOver) setImmediate(count)
      }
      const { ask } = server(() => {
        setImmediate(count)
        return body(octets)
      })
      expect((await ask(query)).answer[0]?.records).toHaveLength(records)
      isOver = true
      return turns
    }
    // 64 records are read at a time, and 128 sorted.
    expect((await turnsOf(640)) - (await turnsOf(1))).toBeGreaterThanOrEqual(10)
  })

  const endless = () =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(16_384))
      },
    })
  it.each<[string, () => Response, string, RegExp]>([
    ['a failing status', () => new Response('no', { status: 503 }), 'dns/network', /HTTP status 503/],
    [
      'a page',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      'dns/network',
      /sent text\/html/,
    ],
    ['no media type', () => new Response(Uint8Array.from(good)), 'dns/network', /sent nothing/],
    ['no end', () => new Response(endless(), { headers }), 'dns/network', /more than 65535/],
    ['no body', () => new Response(null, { headers }), 'dns/malformed', /no whole header/],
    ['garbage', () => body(new Uint8Array(10_240).fill(0x61)), 'dns/malformed', /malformed/],
    [
      'another answer',
      () => body(message({ id: 0, questions: [question('b.', 1)] })),
      'dns/mismatched-reply',
      /another question/,
    ],
  ])('refuses %s', async (_, answer, code, why) => {
    await expect(server(answer).ask(query)).rejects.toMatchObject({
      code,
      server: url,
      message: expect.stringMatching(why),
    })
  })

  it('keeps the cause where no connection comes about', async () => {
    const cause = new TypeError('fetch failed')
    await expect(server(() => Promise.reject(cause)).ask(query)).rejects.toMatchObject({ code: 'dns/network', cause })
  })

  const hanging = ({ signal }: RequestInit) => {
    return new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  it('is late after its time, and aborts the request', async () => {
    const { ask, requests } = server(hanging, { timeoutMs: 5 })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/timeout' })
    expect(requests[0]?.init.signal?.aborted).toBe(true)
  })

  it('rejects with the caller’s own reason, sent or still in line', async () => {
    const { ask, requests } = server(hanging, { maxInFlight: 1 })
    const caller = new AbortController()
    const asking = [ask(query, { signal: caller.signal }), ask(query, { signal: caller.signal })]
    await Promise.resolve()
    caller.abort('enough')
    await expect(asking[0]).rejects.toBe('enough')
    await expect(asking[1]).rejects.toBe('enough')
    expect(requests).toHaveLength(1)
  })

  it.each<HttpsOptions>([
    { url: 'http://192.0.2.53/' },
    { url: 'dns' },
    { url, timeoutMs: 0 },
    { url, maxInFlight: 0 },
  ])('refuses %j', (options) => {
    expect(() => https(options)).toThrow(InvalidOptionError)
  })
})
