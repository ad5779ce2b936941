import { createConnection } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Credentials, makeAuthority } from './testing/certificates.ts'
import { at, type Harness, harness, rejection, testAuthority } from './testing/harness.ts'
import { candidate, discovering } from './testing/plan.ts'
import { serve, serveBroker, serveScript } from './testing/servers.ts'

let genuine: Credentials
let forged: Credentials
let test: Harness
beforeAll(async () => {
  const authority = await testAuthority()
  genuine = await authority.issue(['b1.fleet.test', 'b2.fleet.test', 'b3.fleet.test'])
  forged = await (await makeAuthority('forger')).issue(['b1.fleet.test', 'b2.fleet.test', 'b3.fleet.test'])
})
beforeEach(async () => {
  test = harness(await testAuthority())
})
afterEach(() => test.close())

describe('connect', () => {
  it.each([4, 5] as const)('gives a client that publishes and receives, MQTT version %s', async (protocolVersion) => {
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(broker)], { mqtt: { protocolVersion } })
    expect(client.connected).toBe(true)
    await client.subscribeAsync('a/#', { qos: 2 })
    const messages: string[] = []
    const all = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        messages.push(`${topic} ${payload}`)
        if (messages.length === 3) resolve()
      })
    })
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`a/${qos}`, `qos ${qos}`, { qos })
    await all
    expect(messages.toSorted()).toEqual(['a/0 qos 0', 'a/1 qos 1', 'a/2 qos 2'])
    expect(test.story()).toEqual([
      'discovering',
      'candidate',
      'dialling b1',
      'proved b1',
      'connect-sent b1',
      'connack b1 0',
      'connected b1',
    ])
  })

  it("passes mqtt.js's options on: user name, password, will, keepalive, client id, properties", async () => {
    const connects: unknown[] = []
    const broker = await test.opened(
      serveScript(
        {
          onPacket(packet, reply) {
            if (packet.cmd !== 'connect') return
            connects.push(packet)
            reply({ cmd: 'connack', reasonCode: 0, sessionPresent: false })
          },
        },
        { tls: genuine },
      ),
    )
    const will = { topic: 'gone', payload: Buffer.from('gone'), qos: 1, retain: true } as const
    const properties = { sessionExpiryInterval: 60 }
    const mqtt = {
      protocolVersion: 5,
      username: 'u',
      password: 'p',
      keepalive: 7,
      clientId: 'me',
      will,
      properties,
    } as const
    await test.connect([at(broker)], { mqtt })
    expect(connects).toMatchObject([
      { clientId: 'me', username: 'u', password: Buffer.from('p'), keepalive: 7, properties, will: { topic: 'gone' } },
    ])
  })

  it('speaks plain TCP to a candidate whose service has no TLS, which only a caller brings about', async () => {
    const broker = await test.opened(serveBroker(undefined))
    const client = await test.connect([at(broker, 'b1', { tls: false })])
    expect(client.connected).toBe(true)
    expect(test.events.find(({ type }) => type === 'proved')).toMatchObject({ by: undefined })
  })

  it('does not speak plain TCP to a server that DANE would have to prove', async () => {
    const server = await test.opened(serve(() => {}))
    const error = await rejection(test.connect([at(server, 'b1', { tls: false, requirement: 'dane' })]))
    expect(error).toMatchObject({ code: 'mqtt/tls-refused' })
    expect(server.connections()).toBe(0)
  })

  it('sends the server name of the identity, and ALPN mqtt', async () => {
    const seen: unknown[] = []
    const broker = await test.opened(serveBroker(genuine))
    const front = await test.opened(
      serve((socket) => socket.pipe(createConnection(broker.port)).pipe(socket), {
        tls: {
          ...genuine,
          ALPNCallback: ({ servername, protocols }) => {
            seen.push({ servername, protocols })
            return 'mqtt'
          },
        },
      }),
    )
    await rejection(test.connect([at(front)], { connackTimeoutMs: 50 }))
    expect(seen).toEqual([{ servername: 'b1.fleet.test', protocols: ['mqtt'] }])
  })

  it('rejects options that would choose or judge a server elsewhere, before anything is asked', async () => {
    const discover = discovering([])
    const bad = { servers: [{ host: 'b1', port: 1 }], clean: true }
    expect(await rejection(test.connect(discover, { mqtt: bad as object }))).toMatchObject({ option: 'mqtt.servers' })
    const insecure = { rejectUnauthorized: false } as object
    expect(await rejection(test.connect(discover, { mqtt: insecure }))).toMatchObject({ code: 'core/invalid-option' })
    expect(await rejection(test.connect(discover, { mqtt: { clean: false } }))).toMatchObject({
      option: 'mqtt.clientId',
    })
    expect(await rejection(test.connect(discover, { connectTimeoutMs: -1 }))).toMatchObject({
      option: 'connectTimeoutMs',
    })
    expect(await rejection(test.connect(discover, { connectTimeoutMs: Number.NaN }))).toMatchObject({
      code: 'core/invalid-option',
    })
    expect(await rejection(test.connect(discover, { tls: { cert: 'no PEM', key: 'no PEM' } }))).toMatchObject({
      option: 'tls',
    })
    expect(discover.begun).toBe(0)
  })
})

describe('the race', () => {
  it('falls to the next address when the first refuses', async () => {
    const broker = await test.opened(serveBroker(genuine))
    await test.connect([at(broker, 'b1', { addresses: ['127.0.0.9', '127.0.0.1'] })])
    expect(test.story().filter((line) => line.startsWith('dialling'))).toHaveLength(2)
  })

  it('an address whose certificate is wrong does not stand in the way of the right one', async () => {
    const right = await test.opened(serveBroker(genuine))
    const wrong = await test.opened(serveBroker(forged, { host: '127.0.0.9', port: right.port }))
    await test.connect([at(right, 'b1', { addresses: ['127.0.0.9', '127.0.0.1'] })])
    expect(wrong.octets()).toBe(0)
  })

  it('sends one CONNECT although both addresses would do', async () => {
    const one = await test.opened(serveBroker(genuine))
    const two = await test.opened(serveBroker(genuine, { host: '127.0.0.9', port: one.port }))
    await test.connect([at(one, 'b1', { addresses: ['127.0.0.1', '127.0.0.9'] })], { connectionAttemptDelayMs: 10 })
    expect([one.octets(), two.octets()].filter((octets) => octets > 0)).toHaveLength(1)
  })

  it('never hands a name to the operating system', async () => {
    const error = await rejection(test.connect([candidate({ addresses: ['localhost'] })]))
    expect(error).toMatchObject({ attempts: [{ detail: 'it has no IP address' }] })
  })
})
