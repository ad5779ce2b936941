import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectDaneOptions, connectDane } from './connect.node.ts'
import { daneSessions } from './sessions.node.ts'
import { type Made, make, makeChain } from './testing/pki.ts'
import { tlsaFor } from './tlsa-for.node.ts'

/** What a server saw. */
interface Seen {
  readonly server: Server
  readonly port: number
  /** Application octets, over all connections. */
  octets: number
  clientCertificates: number
  connections: number
  /** Resolves when the connection under way has ended. */
  closed: Promise<void>
}

const servers: Server[] = []
const sockets = new Set<Socket>()
let ecdsa: Awaited<ReturnType<typeof makeChain>>
let rsa: Awaited<ReturnType<typeof makeChain>>
let client: Made

beforeAll(async () => {
  ecdsa = await makeChain('ecdsa')
  rsa = await makeChain('rsa')
  client = await make({ subject: 'CN=vehicle' })
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))))
})

async function listening<S extends Server>(server: S): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

async function tlsServer(chain: readonly Made[], options: TlsOptions = {}): Promise<Seen> {
  const [leaf] = chain
  const cert = chain.map(({ pem }) => pem).join('\n')
  const server = createServer({ cert, key: leaf?.keyPem ?? '', ALPNProtocols: ['mqtt'], ...options })
  const seen: Seen = { server, port: 0, octets: 0, clientCertificates: 0, connections: 0, closed: Promise.resolve() }
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.getPeerX509Certificate() !== undefined) seen.clientCertificates++
    socket.on('data', (data) => {
      seen.octets += data.length
      socket.write(data)
    })
    socket.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  server.on('connection', (socket: Socket) => {
    seen.connections++
    seen.closed = new Promise((done) => socket.once('close', () => done()))
  })
  return Object.assign(seen, { port: await listening(server) })
}

function options(port: number, rest: Omit<ConnectDaneOptions, 'host' | 'port'>): ConnectDaneOptions {
  return { host: 'broker.fleet.test', address: '127.0.0.1', port, ...rest }
}

const all = ({ leaf, intermediate, root }: typeof ecdsa) => [leaf, intermediate, root]

describe('connectDane', () => {
  const versions = ['TLSv1.2', 'TLSv1.3'] as const
  const rows = versions.flatMap((version) =>
    (['ecdsa', 'rsa'] as const).flatMap((kind) =>
      ([0, 1, 2, 3] as const).map((usage) => [usage, kind, version] as const),
    ),
  )

  it.each(rows)(
    'usage %i, %s, %s: proves a server that fits and refuses one that does not',
    async (usage, kind, version) => {
      const chain = kind === 'rsa' ? rsa : ecdsa
      const seen = await tlsServer(all(chain), { minVersion: version, maxVersion: version })
      const certificate = usage % 2 === 1 ? chain.leaf : chain.intermediate
      const common = { usages: [0, 1, 2, 3] as const, trustedRoots: [chain.root.der] }
      const { socket, verdict, resumed } = await connectDane(
        options(seen.port, { ...common, tlsa: [tlsaFor(certificate.der, { usage })] }),
      )
      expect(verdict).toMatchObject({ by: 'dane', matchDepth: usage % 2 === 1 ? 0 : 1 })
      expect([resumed, socket.getProtocol(), socket.alpnProtocol]).toEqual([false, version, 'mqtt'])
      await new Promise<void>((done) => {
        socket.once('data', () => done())
        socket.write('ping')
      })
      socket.destroy()
      const refused = connectDane(options(seen.port, { ...common, tlsa: [tlsaFor(client.der, { usage })] }))
      await expect(refused).rejects.toMatchObject({ name: 'DaneError' })
      await seen.closed
      expect(seen.octets).toBe(4)
    },
  )

  it('shows no client certificate to a server that it refuses (TLS 1.3), and shows it to the proved one', async () => {
    const seen = await tlsServer([ecdsa.leaf], { requestCert: true, rejectUnauthorized: false })
    const clientCertificate = { cert: client.pem, key: client.keyPem }
    const refused = connectDane(options(seen.port, { tlsa: [tlsaFor(client.der)], clientCertificate }))
    await expect(refused).rejects.toMatchObject({ code: 'dane/no-match' })
    await seen.closed
    expect([seen.clientCertificates, seen.octets]).toEqual([0, 0])
    const { socket } = await connectDane(options(seen.port, { tlsa: [tlsaFor(ecdsa.leaf.der)], clientCertificate }))
    await new Promise<void>((done) => {
      socket.once('data', () => done())
      socket.write('x')
    })
    expect([socket.getProtocol(), seen.clientCertificates]).toEqual(['TLSv1.3', 1])
  })

  it('asks for TLS 1.3 where it has a client certificate, unless told otherwise', async () => {
    const seen = await tlsServer([ecdsa.leaf], { maxVersion: 'TLSv1.2' })
    const tlsa = [tlsaFor(ecdsa.leaf.der)]
    const clientCertificate = { cert: client.pem, key: client.keyPem }
    await expect(connectDane(options(seen.port, { tlsa, clientCertificate }))).rejects.toMatchObject({
      code: 'dane/handshake',
    })
    const { socket } = await connectDane(options(seen.port, { tlsa, clientCertificate, minVersion: 'TLSv1.2' }))
    expect(socket.getProtocol()).toBe('TLSv1.2')
  })

  it('reads the chain as it was sent: unordered, doubled, with strangers', async () => {
    const sent = [ecdsa.leaf, ecdsa.root, rsa.root, ecdsa.intermediate, ecdsa.root]
    const seen = await tlsServer(sent)
    const { chain, verdict } = await connectDane(options(seen.port, { tlsa: [tlsaFor(ecdsa.root.der, { usage: 2 })] }))
    expect(chain.map((der) => Buffer.from(der).toString('hex'))).toEqual(
      sent.map(({ der }) => Buffer.from(der).toString('hex')),
    )
    expect(verdict.matchDepth).toBe(2)
  })

  it.each([['TLSv1.2'], ['TLSv1.3']] as const)(
    '%s: judges a resumed session by the chain that it began with',
    async (version) => {
      const seen = await tlsServer(all(ecdsa), { minVersion: version, maxVersion: version })
      const sessions = daneSessions()
      const tlsa = [tlsaFor(ecdsa.intermediate.der, { usage: 2 })]
      const once = async (records: ConnectDaneOptions['tlsa']) => {
        const connection = await connectDane(options(seen.port, { tlsa: records, sessions }))
        const { socket } = connection
        // With TLS 1.3 the ticket comes with the first octets after the handshake.
        await new Promise<void>((done) => {
          socket.once('data', () => done())
          socket.write('x')
        })
        socket.destroy()
        return connection
      }
      const first = await once(tlsa)
      const second = await once(tlsa)
      expect([first.resumed, second.resumed]).toEqual([false, true])
      expect(second.chain).toEqual(first.chain)
      expect(second.verdict).toMatchObject({ matchDepth: 1 })
      // Records that fit no more: not even a resumed session passes, and the server is asked for its chain anew.
      await expect(once([tlsaFor(client.der)])).rejects.toMatchObject({ code: 'dane/no-match' })
      await seen.closed
      expect([seen.connections, seen.octets]).toEqual([4, 2])
    },
  )

  it('resumes no session that began with another client certificate', async () => {
    const seen = await tlsServer([ecdsa.leaf], { requestCert: true, rejectUnauthorized: false })
    const sessions = daneSessions()
    const tlsa = [tlsaFor(ecdsa.leaf.der)]
    const as = async (made: Made | undefined) => {
      const clientCertificate = made && { cert: made.pem, key: made.keyPem }
      const { socket, resumed } = await connectDane(options(seen.port, { tlsa, sessions, clientCertificate }))
      await new Promise<void>((done) => {
        socket.once('data', () => done())
        socket.write('x')
      })
      return resumed
    }
    expect([await as(client), await as(undefined), await as(rsa.leaf), await as(client)]).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('gives each session out once, and forgets the oldest (RFC 8446 §C.4)', () => {
    const sessions = daneSessions(2)
    const held = { session: Uint8Array.of(1), chain: [] }
    for (const key of ['a', 'b', 'c']) sessions.keep(key, held)
    expect([sessions.size, sessions.take('a'), sessions.take('b'), sessions.take('b')]).toEqual([
      2,
      undefined,
      held,
      undefined,
    ])
  })

  it('asks for TLSA past the cache once before a refusal stands (RFC 7671 §8)', async () => {
    const seen = await tlsServer([ecdsa.leaf])
    const before = [tlsaFor(client.der)]
    let asked = 0
    const refreshTlsa = (after: ConnectDaneOptions['tlsa']) => async () => {
      asked++
      return after
    }
    const rolled = options(seen.port, { tlsa: before, refreshTlsa: refreshTlsa([...before, tlsaFor(ecdsa.leaf.der)]) })
    expect((await connectDane(rolled)).verdict.matchDepth).toBe(0)
    const same = options(seen.port, { tlsa: before, refreshTlsa: refreshTlsa(before) })
    await expect(connectDane(same)).rejects.toMatchObject({ code: 'dane/no-match' })
    expect([asked, seen.octets]).toEqual([2, 0])
  })

  it('judges a living connection again when its records change', async () => {
    const seen = await tlsServer(all(ecdsa))
    const connection = await connectDane(options(seen.port, { tlsa: [tlsaFor(ecdsa.leaf.der)] }))
    expect(connection.judgeAgain([tlsaFor(ecdsa.root.der, { usage: 2 })])).toMatchObject({
      decision: 'accept',
      matchDepth: 2,
    })
    expect(connection.judgeAgain([tlsaFor(client.der)])).toMatchObject({ decision: 'refuse', code: 'no-match' })
  })

  it('ends a living connection whose server fits a new set of records no more, and no earlier', async () => {
    const seen = await tlsServer(all(ecdsa))
    const genuine = tlsaFor(ecdsa.leaf.der)
    let publish: (tlsa: readonly ReturnType<typeof tlsaFor>[]) => void = () => {}
    async function* changes() {
      yield [tlsaFor(client.der), genuine]
      yield await new Promise<readonly ReturnType<typeof tlsaFor>[]>((resolve) => {
        publish = resolve
      })
    }
    const { socket } = await connectDane(options(seen.port, { tlsa: [genuine], tlsaChanges: changes() }))
    const echoed = once(socket, 'data')
    socket.write('alive')
    expect(String(await echoed)).toBe('alive')
    const ended = once(socket, 'error')
    publish([tlsaFor(client.der)])
    expect(await ended).toMatchObject([{ code: 'dane/no-match' }])
    expect(socket.destroyed).toBe(true)
  })

  it('stops asking for new records when the connection ends, and goes on where nobody can tell of any', async () => {
    const seen = await tlsServer(all(ecdsa))
    let hasStopped = () => {}
    const stopped = new Promise<void>((resolve) => {
      hasStopped = resolve
    })
    const changes = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          hasStopped()
          return { done: true as const, value: undefined }
        },
      }),
    }
    const tlsa = [tlsaFor(ecdsa.leaf.der)]
    const { socket } = await connectDane(options(seen.port, { tlsa, tlsaChanges: changes }))
    socket.destroy()
    await stopped
    const failing = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no answer')) }) }
    const other = await connectDane(options(seen.port, { tlsa, tlsaChanges: failing }))
    const echoed = once(other.socket, 'data')
    other.socket.write('alive')
    expect(String(await echoed)).toBe('alive')
  })

  it('without usable records: refuses, or lets PKIX decide where the caller says so', async () => {
    const seen = await tlsServer(all(ecdsa).slice(0, 2))
    await expect(connectDane(options(seen.port, { tlsa: [] }))).rejects.toMatchObject({ code: 'dane/no-usable-tlsa' })
    const pkix = { tlsa: [], whenUnusable: 'pkix' } as const
    await expect(connectDane(options(seen.port, pkix))).rejects.toMatchObject({ code: 'dane/no-issuer' })
    const { verdict } = await connectDane(options(seen.port, { ...pkix, trustedRoots: [ecdsa.root.der] }))
    expect(verdict.by).toBe('pkix')
  })

  it('tells what the server showed and which record would have matched', async () => {
    const seen = await tlsServer([ecdsa.leaf])
    const error = await connectDane(options(seen.port, { tlsa: [tlsaFor(client.der)] })).catch((thrown) => thrown)
    const wanted = tlsaFor(ecdsa.leaf.der).data
    expect(error.message).toMatch(
      /^broker\.fleet\.test:\d+: no TLSA record is of a certificate that the server showed\./,
    )
    expect(error.facts.wouldMatch).toBe(`3 1 1 ${Buffer.from(wanted).toString('hex')}`)
  })
})

describe('connectDane, where there is no TLS server', () => {
  const tlsa = () => [tlsaFor(client.der)]

  it('a port that nobody listens on', async () => {
    const server = createTcpServer()
    const port = await listening(server)
    await new Promise((done) => servers.splice(servers.indexOf(server), 1)[0]?.close(done))
    await expect(connectDane(options(port, { tlsa: tlsa() }))).rejects.toMatchObject({ code: 'dane/network' })
  })

  it.each([
    ['hangs up', (socket: Socket) => socket.end()],
    ['talks garbage', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('one that %s', async (_title, behave) => {
    const port = await listening(createTcpServer(behave))
    await expect(connectDane(options(port, { tlsa: tlsa() }))).rejects.toMatchObject({ code: 'dane/handshake' })
  })

  it('one that is silent: the time limit ends it', async () => {
    const port = await listening(createTcpServer())
    const limited = connectDane(options(port, { tlsa: tlsa(), timeoutMs: 20 }))
    await expect(limited).rejects.toMatchObject({ code: 'dane/timeout' })
  })

  it("the caller's abort rejects with the caller's reason, before and during", async () => {
    const port = await listening(createTcpServer())
    const reason = new Error('moving on')
    const aborted = connectDane(options(port, { tlsa: tlsa(), signal: AbortSignal.abort(reason) }))
    await expect(aborted).rejects.toBe(reason)
    const controller = new AbortController()
    const server = createTcpServer(() => controller.abort(reason))
    const during = connectDane(options(await listening(server), { tlsa: tlsa(), signal: controller.signal }))
    await expect(during).rejects.toBe(reason)
  })

  it.each([
    ['port', { port: 0 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['address', { address: 'localhost' }],
    ['clientCertificate', { clientCertificate: { cert: 'none', key: 'none' } }],
  ])('refuses an unusable %s', async (option, wrong) => {
    await expect(connectDane({ ...options(1, { tlsa: [] }), ...wrong })).rejects.toMatchObject({ option })
  })
})
