import type { TLSSocket } from 'node:tls'
import { InvalidOptionError } from '@portolan/core'
import { afterEach, describe, expect, it } from 'vitest'
import { certificate } from './testing/certificate.ts'
import { replyTo, type StreamAnswer, sendFramed, tcpServer, tlsServer } from './testing/loopback.node.ts'
import { n } from './testing/replies.ts'
import { type TlsOptions, tls } from './tls.node.ts'

const query = { name: n('a.example'), type: 1 }
const answering: StreamAnswer = (octets, socket) => sendFramed(socket, replyTo(octets))
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(answer: StreamAnswer, options: Partial<TlsOptions> = {}) {
  const loopback = await tlsServer(answer)
  const ask = tls({ server: loopback.server, serverName: 'dns.example', ca: certificate, ...options })
  closers.push(ask.close, loopback.close)
  return { ...loopback, ask }
}

describe('tls (RFC 7858)', () => {
  it('asks everything over one connection, with ALPN dot', async () => {
    const { ask, server, sockets } = await serve(answering)
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => ask({ name: n(`n${i}.`), type: 1 })))
    expect(replies.map(({ query: { name } }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `n${i}.`))
    expect(replies[0]?.server).toBe(`127.0.0.1:${server.port}`)
    expect(sockets.map((socket) => (socket as TLSSocket).alpnProtocol)).toEqual(['dot'])
  })

  it('resumes its session after the server closed (RFC 7858 §3.4)', async () => {
    const { ask, sockets } = await serve(answering)
    await ask(query)
    sockets[0]?.end()
    while (sockets[0]?.destroyed !== true) await new Promise((resolve) => setImmediate(resolve))
    await ask(query)
    expect((sockets[1] as TLSSocket).isSessionReused()).toBe(true)
  })

  it('takes the address for the name where the certificate has it', async () => {
    const { ask } = await serve(answering, { serverName: '127.0.0.1' })
    expect(await ask(query)).toMatchObject({ rcode: 0 })
  })

  it.each<[string, Partial<TlsOptions>, string]>([
    ['for another name', { serverName: 'other.example' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody vouches for', { ca: undefined }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('sends no question to a server with a certificate %s (RFC 8310 §6.4)', async (_, options, code) => {
    const { ask, asked } = await serve(answering, options)
    await expect(ask(query)).rejects.toMatchObject({ code: 'dns/network', cause: { code } })
    expect(asked).toEqual([])
  })

  it('refuses a server that speaks no TLS', async () => {
    const plain = await tcpServer(() => {})
    closers.push(plain.close)
    const ask = tls({ server: plain.server, serverName: 'dns.example' })
    const asking = ask(query)
    while (plain.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve))
    plain.sockets[0]?.end('220 mail.example ESMTP\r\n')
    await expect(asking).rejects.toMatchObject({ code: 'dns/network', cause: expect.any(Error) })
    expect(plain.sockets).toHaveLength(1)
  })

  it.each<[string, TlsOptions]>([
    ['a name as host', { server: { host: 'dns.example' }, serverName: 'dns.example' }],
    ['a negative time', { server: { host: '127.0.0.1' }, serverName: 'dns.example', idleMs: -1 }],
  ])('refuses %s', (_, options) => {
    expect(() => tls(options)).toThrow(InvalidOptionError)
  })
})
