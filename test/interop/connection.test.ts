/** `connect` with real mosquitto brokers, whose certificates are proved by TLSA in a zone signed by BIND. */
import { type Certificate, createAuthority } from '@portolan/testbed'
import type { MqttClient } from 'mqtt'
import { type ConnectOptions, connect } from 'portolan'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { finish, freePort } from '../processes.ts'
import { describeWithServers, pathOf } from '../servers.ts'
import { FARM_PROGRAMS, type Farm, startFarm } from './farm.ts'
import { type Mosquitto, publicKeyDigest, startMosquitto } from './mosquitto.ts'

const PROGRAMS = [...FARM_PROGRAMS, 'mosquitto', 'mosquitto_pub', 'mosquitto_sub', 'openssl'] as const

describeWithServers('connections to mosquitto', PROGRAMS, () => {
  let farm: Farm
  let brokers: readonly [Mosquitto, Mosquitto]
  let impostor: Mosquitto
  let authority: Awaited<ReturnType<typeof createAuthority>>
  let certificates: readonly [Certificate, Certificate]

  beforeAll(async () => {
    authority = await createAuthority('Interop')
    certificates = [
      await authority.issue({ names: ['m1.fleet.test'] }),
      await authority.issue({ names: ['m2.fleet.test'] }),
    ]
    const ports = [await freePort(), await freePort(), await freePort()] as const
    brokers = [await startMosquitto(ports[0], certificates[0]), await startMosquitto(ports[1], certificates[1])]
    // Its certificate is as good as theirs, but not the one that its TLSA speaks of.
    impostor = await startMosquitto(ports[2], await authority.issue({ names: ['m3.fleet.test'] }))
    const [first, second] = await Promise.all(certificates.map(publicKeyDigest))
    const records = `
_secure-mqtt._tcp SRV 10 0 ${ports[0]} m1
_secure-mqtt._tcp SRV 20 0 ${ports[1]} m2
m1 A 127.0.0.1
m2 A 127.0.0.1
m3 A 127.0.0.1
_${ports[0]}._tcp.m1 TLSA 3 1 1 ${first}
_${ports[1]}._tcp.m2 TLSA 3 1 1 ${second}
_secure-mqtt._tcp.impostor SRV 10 0 ${ports[2]} m3
_${ports[2]}._tcp.m3 TLSA 3 1 1 ${first}
`
    farm = await startFarm([
      { origin: '.', records: '' },
      { origin: 'test.', records: '' },
      { origin: 'fleet.test.', records },
    ])
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...brokers, impostor].map((broker) => broker.stop()))
    await farm.stop()
  })

  const there = (): ConnectOptions => ({ servers: [farm.resolver], trustAnchors: farm.trustAnchors })

  it.each([4, 5] as const)('delivers QoS 0, 1 and 2 (protocol version %i)', async (protocolVersion) => {
    const client = await connect('fleet.test', { ...there(), mqtt: { protocolVersion } })
    await client.subscribeAsync('interop/#', { qos: 2 })
    for (const qos of [0, 1, 2] as const) {
      const received = nextMessage(client)
      await client.publishAsync(`interop/${qos}`, `quality ${qos}`, { qos })
      const { topic, payload, qos: delivered } = await received
      expect(`${topic} ${payload} ${delivered}`).toBe(`interop/${qos} quality ${qos} ${qos}`)
    }
    await client.endAsync()
  })

  it('refuses another certificate before CONNECT leaves', async () => {
    const error = await connect('impostor.fleet.test', there()).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: expect.stringMatching(/^mqtt\//) })
    expect(String(error)).toContain('m3.fleet.test')
    // As the packets fall, the client leaves before or after the broker's side of the handshake has ended.
    await impostor.said(/connection from 127\.0\.0\.1[\s\S]*(failed|disconnected|closed its connection)/)
    expect(impostor.log()).not.toMatch(/New client connected|CONNACK/)
  })

  it('moves to the other broker when one dies, and its subscriptions still deliver', async () => {
    const client = await connect('fleet.test', there())
    await client.subscribeAsync('moving', { qos: 1 })
    await brokers[0].said(/New client connected/)
    client.on('error', () => {})
    const reconnected = new Promise((resolve) => client.once('connect', resolve))
    await brokers[0].kill()
    await reconnected
    const received = nextMessage(client)
    await client.publishAsync('moving', 'still here', { qos: 1 })
    expect((await received).payload).toBe('still here')
    await brokers[1].said(/New client connected/)
    await client.endAsync()
    await brokers[0].revive()
  })

  it('exchanges messages with mosquitto_pub and mosquitto_sub on the same broker', async () => {
    const client = await connect('fleet.test', there())
    const server = ['-h', 'm1.fleet.test', '-p', String(brokers[0].port)]
    await client.subscribeAsync('to/us', { qos: 1 })
    const received = nextMessage(client)
    const local = ['-h', '127.0.0.1', ...server.slice(2), '--cafile', await authorityFile(), '--insecure']
    await finish(pathOf('mosquitto_pub'), [...local, '-q', '1', '-t', 'to/us', '-m', 'from mosquitto_pub'])
    expect((await received).payload).toBe('from mosquitto_pub')
    const heard = finish(pathOf('mosquitto_sub'), [...local, '-q', '1', '-C', '1', '-t', 'from/us'])
    await brokers[0].said(/from\/us \(QoS 1\)/)
    await client.publishAsync('from/us', 'from portolan', { qos: 1 })
    expect((await heard).stdout).toBe('from portolan\n')
    await client.endAsync()
  })

  it('openssl s_client agrees on each broker', async () => {
    for (const [i, broker] of [...brokers, impostor].entries()) {
      const digest = await publicKeyDigest(certificates[i === 1 ? 1 : 0] as Certificate)
      const host = `m${i + 1}.fleet.test`
      const { stdout } = await finish('openssl', [
        ...['s_client', '-connect', `127.0.0.1:${broker.port}`, '-dane_tlsa_domain', host],
        ...['-dane_tlsa_rrdata', `3 1 1 ${digest}`],
      ])
      if (i < 2) expect(stdout).toMatch(/DANE TLSA 3 1 1 .* matched.* at depth 0/)
      else expect(stdout).not.toMatch(/Verification: OK/)
    }
  })

  async function authorityFile(): Promise<string> {
    const { mkdtemp, writeFile } = await import('node:fs/promises')
    const folder = await mkdtemp(`${farm.folder}/ca-`)
    await writeFile(`${folder}/ca.pem`, authority.certificatePem)
    return `${folder}/ca.pem`
  }
})

interface Delivered {
  readonly topic: string
  readonly payload: string
  readonly qos: number
}

function nextMessage(client: MqttClient): Promise<Delivered> {
  return new Promise((resolve) => {
    client.once('message', (topic, payload, { qos }) => resolve({ topic, payload: String(payload), qos }))
  })
}
