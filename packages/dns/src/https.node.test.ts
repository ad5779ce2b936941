import { once } from 'node:events'
import { createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { InvalidOptionError } from '@portolan/core'
import { afterEach, describe, expect, it } from 'vitest'
import { type Http2Options, https } from './https.node.ts'
import { certificate, privateKey } from './testing/certificate.ts'
import { closedPort, replyTo } from './testing/loopback.node.ts'
import { n } from './testing/replies.ts'

const query = { name: n('a.example'), type: 1 }
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Answer = (query: Uint8Array, stream: ServerHttp2Stream) => void
const answering: Answer = (octets, stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/dns-message' })
  stream.end(replyTo(octets))
}

async function serve(answer: Answer, options: Partial<Http2Options> = {}) {
  const sessions: ServerHttp2Session[] = []
  const asked: string[] = []
  const server = createSecureServer({ cert: certificate, key: privateKey })
  server.on('session', (session) => void sessions.push(session.on('error', () => {})))
  server.on('stream', (stream, headers) => {
    asked.push(`${headers[':method']} ${headers[':path']} ${headers['content-type']} ${headers['content-length']}`)
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk) => chunks.push(Buffer.from(chunk))).on('end', () => answer(Buffer.concat(chunks), stream))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query`
  const ask = https({ url, ca: certificate, ...options })
  closers.push(ask.close, async () => {
    for (const session of sessions) session.destroy()
    server.close()
    await once(server, 'close')
  })
  return { ask, asked, sessions, url }
}

describe('https over HTTP/2 (RFC 8484 §5.2)', () => {
  it('asks everything over one connection', async () => {
    const { ask, asked, sessions, url } = await serve(answering)
    const questions = Array.from({ length: 20 }, (_, i) => ({ name: n(`n${i}.`), type: 1 }))
    const replies = await Promise.all(questions.map((one) => ask(one)))
    expect(replies.map((reply) => reply.query.name)).toEqual(questions.map(({ name }) => name))
    expect(replies[0]?.server).toBe(url)
    // 12 octets of header, the question, 11 of EDNS; BIND insists on the length.
    expect(new Set(asked)).toEqual(
      new Set(['POST /dns-query application/dns-message 31', 'POST /dns-query application/dns-message 32']),
    )
    expect(sessions).toHaveLength(1)
  })

  it('connects anew after the server went away', async () => {
    const { ask, sessions } = await serve(answering)
    await ask(query)
    sessions[0]?.destroy()
    expect(await ask(query)).toMatchObject({ rcode: 0 })
    expect(sessions).toHaveLength(2)
  })

  it('asks once more what the server left unanswered', async () => {
    const { ask, sessions } = await serve((octets, stream) => {
      if (sessions.length === 1) stream.session?.destroy()
      else answering(octets, stream)
    })
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => ask({ name: n(`n${i}.`), type: 1 })))
    expect(replies).toHaveLength(20)
    expect(sessions).toHaveLength(2)
  })

  it.each<[string, Answer, RegExp]>([
    ['a failing status', (_, stream) => stream.respond({ ':status': 503 }, { endStream: true }), /HTTP status 503/],
    [
      'a status without body',
      (_, stream) => stream.respond({ ':status': 204 }, { endStream: true }),
      /HTTP status 204/,
    ],
    [
      'a page',
      (_, stream) => stream.respond({ ':status': 200, 'content-type': 'text/html' }, { endStream: true }),
      /text\/html/,
    ],
    ['a stream that is reset', (_, stream) => stream.close(8), /CANCEL|closed the stream/],
    ['a connection that ends', (_, stream) => stream.session?.destroy(), /./],
  ])('refuses %s', async (_, answer, why) => {
    const { ask } = await serve(answer)
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', message: expect.stringMatching(why) })
  })

  it('sends no question to a server whose certificate nobody vouches for', async () => {
    const { ask, asked } = await serve(answering, { ca: undefined })
    await expect(ask(query)).rejects.toMatchObject({
      code: 'dns/network',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
    expect(asked).toEqual([])
  })

  it('is told of a refusal', async () => {
    const ask = https({ url: `https://127.0.0.1:${await closedPort()}/` })
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', cause: { code: 'ECONNREFUSED' } })
  })

  it('rejects with the caller’s own reason, and with a time-out of its own', async () => {
    const { ask, asked } = await serve(() => {}, { timeoutMs: 200 })
    const caller = new AbortController()
    const asking = ask(query, { signal: caller.signal })
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    caller.abort('enough')
    await expect(asking).rejects.toBe('enough')
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/timeout' })
  })

  it('asks nobody once it is closed', async () => {
    const { ask } = await serve(answering)
    await ask(query)
    ask.close()
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network' })
  })

  it.each<Http2Options>([{ url: 'http://192.0.2.53/' }, { url: 'https://192.0.2.53/', idleMs: 0 }])(
    'refuses %j',
    (options) => {
      expect(() => https(options)).toThrow(InvalidOptionError)
    },
  )
})
