/** connectDane against openssl s_server and mosquitto: who is accepted, and what a refused server got to see. */

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { formatTlsa, type Tlsa } from '@portolan/dane'
import { type ConnectDaneOptions, connectDane, DaneError, daneSessions, tlsaFor } from '@portolan/dane/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { finish, freePort } from '../processes.ts'
import { describeWithServers } from '../servers.ts'
import { run } from './farm.ts'
import { startMosquitto } from './mosquitto.ts'
import { type Issued, type KeyKind, makePki, type Pki, startWitness, type Witness } from './openssl-pki.ts'

const HOST = 'broker.fleet.test'
const HELLO = 'eleven octets and more\n'
const KINDS = ['RSA', 'ECDSA'] as const
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const USAGES = [0, 1, 2, 3] as const

interface Row {
  readonly server: string
  readonly key: KeyKind
  readonly version: string
  readonly record: string
  readonly handshake: string
  readonly verdict: string
  readonly octets: number
  readonly clientCertificate: boolean
}

describeWithServers('DANE beside openssl and danetool', ['openssl', 'mosquitto', 'danetool', 'stdbuf'], () => {
  let folder: string
  const pkis = new Map<KeyKind, Pki>()
  const issued = new Map<KeyKind, Readonly<Record<'server' | 'other' | 'expired' | 'client', Issued>>>()
  const witnesses = new Map<string, Witness>()
  const rows: Row[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-dane-'))
    for (const kind of KINDS) {
      const pki = await makePki(folder, kind)
      pkis.set(kind, pki)
      const certificates = {
        server: await pki.issue('server', [HOST]),
        other: await pki.issue('other', ['other.fleet.test']),
        expired: await pki.issue('expired', [HOST], { days: -1 }),
        client: await pki.issue('client', [], { client: true }),
      }
      issued.set(kind, certificates)
      for (const version of VERSIONS) {
        for (const which of ['server', 'other', 'expired'] as const) {
          witnesses.set(
            `${kind} ${version} ${which}`,
            await startWitness(await freePort(), certificates[which], version),
          )
        }
      }
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...witnesses.values()].map((witness) => witness.stop()))
    await rm(folder, { recursive: true, force: true })
    console.log(tableOf(rows))
  })

  const certificates = (kind: KeyKind) => issued.get(kind) as NonNullable<ReturnType<typeof issued.get>>
  const rootOf = (kind: KeyKind) => pkis.get(kind) as Pki

  function recordOf(kind: KeyKind, usage: 0 | 1 | 2 | 3, certificate = certificates(kind).server): Tlsa {
    const pem = usage === 0 || usage === 2 ? rootOf(kind).rootPem : certificate.certificatePem
    return tlsaFor(pem, { usage, selector: 1, matchingType: 1 })
  }

  function optionsFor(kind: KeyKind, version: (typeof VERSIONS)[number], port: number, tlsa: Tlsa): ConnectDaneOptions {
    const { client } = certificates(kind)
    return {
      host: HOST,
      address: '127.0.0.1',
      port,
      tlsa: [tlsa],
      usages: USAGES,
      trustedRoots: [Uint8Array.from(new X509Certificate(rootOf(kind).rootPem).raw)],
      clientCertificate: { cert: client.certificatePem, key: client.privateKeyPem },
      minVersion: version,
      maxVersion: version,
      alpnProtocols: [],
    }
  }

  /** One connection, and what the witness says of it. */
  async function attempt(
    which: 'server' | 'other' | 'expired',
    kind: KeyKind,
    version: (typeof VERSIONS)[number],
    options: ConnectDaneOptions,
  ) {
    const witness = witnesses.get(`${kind} ${version} ${which}`) as Witness
    let verdict = 'accepted'
    let resumed = false
    try {
      const connection = await connectDane(options)
      resumed = connection.resumed
      await new Promise<void>((sent) => connection.socket.write(HELLO, () => sent()))
      // Session tickets of TLS 1.3 come after the handshake.
      while (options.sessions !== undefined && !resumed && options.sessions.size === 0) await turn()
      connection.socket.end()
    } catch (error) {
      if (!(error instanceof DaneError)) throw error
      verdict = error.code
    }
    const { octets, clientCertificate } = await witness.seen()
    const [record] = options.tlsa
    rows.push({
      server: `s_server, ${which}`,
      key: kind,
      version,
      record: record === undefined ? '' : `${record.usage} ${record.selector} ${record.matchingType}`,
      handshake: resumed ? 'resumed' : 'first',
      verdict,
      octets: octets.length,
      clientCertificate,
    })
    return { verdict, resumed, octets, clientCertificate }
  }

  const matrix = KINDS.flatMap((kind) =>
    VERSIONS.flatMap((version) => USAGES.map((usage) => [kind, version, usage] as const)),
  )

  it.each(matrix)(
    '%s, %s, usage %i: the genuine server is accepted, at first and resumed',
    async (kind, version, usage) => {
      const { port } = witnesses.get(`${kind} ${version} server`) as Witness
      const options = { ...optionsFor(kind, version, port, recordOf(kind, usage)), sessions: daneSessions() }
      expect(await attempt('server', kind, version, options)).toMatchObject({ verdict: 'accepted', octets: HELLO })
      expect(await attempt('server', kind, version, options)).toMatchObject({
        verdict: 'accepted',
        resumed: true,
        octets: HELLO,
      })
    },
  )

  it.each(matrix)('%s, %s, usage %i: another server is refused and gets no octet', async (kind, version, usage) => {
    const { port } = witnesses.get(`${kind} ${version} other`) as Witness
    const refused = await attempt('other', kind, version, optionsFor(kind, version, port, recordOf(kind, usage)))
    expect(refused.verdict).toMatch(/^dane\//)
    expect(refused.octets).toBe('')
    // docs/limits.md: TLS 1.2 shows the client certificate before anything can be known of the server.
    expect(refused.clientCertificate).toBe(version === 'TLSv1.2')
  })

  it.each(matrix)(
    '%s, %s, usage %i: an expired certificate counts for DANE-EE alone (RFC 7671 §5.1)',
    async (kind, version, usage) => {
      const { port } = witnesses.get(`${kind} ${version} expired`) as Witness
      const record = recordOf(kind, usage, certificates(kind).expired)
      const { verdict, octets } = await attempt('expired', kind, version, optionsFor(kind, version, port, record))
      expect(verdict === 'accepted').toBe(usage === 3)
      expect(octets).toBe(usage === 3 ? HELLO : '')
    },
  )

  it.each(KINDS)('%s: brokers whose certificates were swapped are refused', async (kind) => {
    const { port } = witnesses.get(`${kind} TLSv1.3 server`) as Witness
    const record = recordOf(kind, 3, certificates(kind).other)
    expect(await attempt('server', kind, 'TLSv1.3', optionsFor(kind, 'TLSv1.3', port, record))).toMatchObject({
      verdict: 'dane/no-match',
      octets: '',
      clientCertificate: false,
    })
  })

  it.each(matrix.filter(([, version]) => version === 'TLSv1.3'))(
    '%s, %s, usage %i: openssl s_client says the same',
    async (kind, _, usage) => {
      for (const which of ['server', 'other', 'expired'] as const) {
        const { port } = witnesses.get(`${kind} TLSv1.3 ${which}`) as Witness
        const record = recordOf(
          kind,
          usage,
          which === 'expired' ? certificates(kind).expired : certificates(kind).server,
        )
        const options = { ...optionsFor(kind, 'TLSv1.3', port, record), noNameChecks: false }
        const ours = await attempt(which, kind, 'TLSv1.3', options)
        const { stdout } = await finish('openssl', [
          ...['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', rootOf(kind).rootFile, '-dane_tlsa_domain', HOST],
          ...['-dane_tlsa_rrdata', formatTlsa(record)],
        ])
        await witnesses.get(`${kind} TLSv1.3 ${which}`)?.seen()
        expect(/Verification: OK/.test(stdout), `${which}: ours ${ours.verdict}\n${stdout}`).toBe(
          ours.verdict === 'accepted',
        )
      }
    },
  )

  it.each(KINDS)('%s: danetool makes the same records', async (kind) => {
    const { server } = certificates(kind)
    const arguments_ = ['--tlsa-rr', '--host', HOST, '--no-domain', '--load-certificate', server.certificateFile]
    const output = await run('danetool', [...arguments_, '--hash', 'sha256'])
    const digits = output.replaceAll(/\s/g, '').toLowerCase()
    expect(digits).toContain(formatTlsa(tlsaFor(server.certificatePem)).replaceAll(' ', '').slice(3))
  })

  it.each(KINDS)(
    '%s: mosquitto, all usages and versions, at first and resumed, and by records that are not its own',
    async (kind) => {
      const { server, other } = certificates(kind)
      const stranger = KINDS.find((one) => one !== kind) ?? kind
      const broker = await startMosquitto(await freePort(), server)
      const note = (version: string, tlsa: Tlsa, handshake: string, verdict: string, octets: number) =>
        rows.push({
          server: 'mosquitto',
          key: kind,
          version,
          record: `${tlsa.usage} ${tlsa.selector} ${tlsa.matchingType}`,
          handshake,
          verdict,
          octets,
          clientCertificate: false, // It asks for none here.
        })
      for (const version of VERSIONS) {
        for (const usage of USAGES) {
          const tlsa = recordOf(kind, usage)
          const genuine = optionsFor(kind, version, broker.port, tlsa)
          const options = { ...genuine, clientCertificate: undefined, sessions: daneSessions() }
          for (const turnOf of ['first', 'second']) {
            const name = `${kind}-${version}-${usage}-${turnOf}`
            const { socket, resumed } = await connectDane(options)
            const packet = connectPacket(name)
            const answered = once(socket, 'data')
            socket.write(packet)
            expect(Buffer.from((await answered)[0]).toString('hex')).toBe('20020000')
            socket.end()
            await broker.said(new RegExp(`New client connected from 127.0.0.1:\\d+ as ${name} `))
            expect(resumed).toBe(turnOf === 'second')
            note(version, tlsa, resumed ? 'resumed' : 'first', 'accepted', packet.length)
          }
          const foreign = usage % 2 === 0 ? recordOf(stranger, usage) : recordOf(kind, usage, other)
          const clients = broker.log().match(/New client connected/g)?.length
          const refusal = await connectDane({ ...options, tlsa: [foreign], sessions: undefined }).catch(
            (error) => error,
          )
          expect(refusal).toMatchObject({ code: expect.stringMatching(/^dane\//) })
          expect(broker.log().match(/New client connected/g)?.length).toBe(clients)
          note(version, foreign, 'first', refusal.code, 0)
        }
      }
      expect(broker.log()).not.toMatch(/protocol error/)
      await broker.stop()
    },
  )
})

/** CONNECT of MQTT 3.1.1 with a clean session (§3.1). */
function connectPacket(clientId: string): Buffer {
  const id = Buffer.from(clientId)
  const head = [0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, id.length]
  return Buffer.from([0x10, head.length + id.length, ...head, ...id])
}

function tableOf(rows: readonly Row[]): string {
  const head = ['server', 'key', 'version', 'TLSA', 'handshake', 'verdict', 'octets', 'saw client certificate']
  const body = rows.map(({ server, key, version, record, handshake, verdict, octets, clientCertificate }) => [
    server,
    key,
    version,
    record,
    handshake,
    verdict,
    String(octets),
    clientCertificate ? 'yes' : 'no',
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((cells) => cells[i]?.length ?? 0)))
  return [head, ...body].map((cells) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')).join('\n')
}
