import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { A, parseName, prefixed, SRV } from '@portolan/core'
import { LOC } from '@portolan/loc'
import { connectAsync, type IClientOptions, type MqttClient, type MqttClientEventCallbacks } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { tlsaRdata } from './certificates.node.ts'
import { type Broker, createAuthority, startTestbed, type Testbed } from './index.node.ts'
import { octets } from './record-types.ts'

const TLSA = octets(52)

let testbed: Testbed
let ca: string
let broker: Broker
let sibling: Broker
const clients: MqttClient[] = []

beforeAll(async () => {
  testbed = await startTestbed()
  ca = (await testbed.authority()).certificatePem
  const position = { latitude: 50.1109, longitude: 8.6821, accuracy: 500 }
  broker = await testbed.broker({ host: 'one.fleet.test', priority: 5, weight: 7, position })
  sibling = await testbed.broker({ host: 'two.fleet.test', service: false, tlsa: '2 0 1' })
})
afterEach(async () => {
  broker.heal()
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
})
afterAll(() => testbed.close())

async function connect(to: Broker, options: IClientOptions = {}): Promise<MqttClient> {
  const { address, port, host } = to
  const tls = { servername: host.slice(0, -1), ca }
  const all = { ...tls, protocolVersion: 5 as const, reconnectPeriod: 0, connectTimeout: 5000, ...options }
  const client = await connectAsync(`mqtts://${address}:${port}`, all, false)
  clients.push(client)
  return client
}

function event<K extends keyof MqttClientEventCallbacks>(client: MqttClient, name: K): Promise<unknown[]> {
  return new Promise((resolve) =>
    client.once(name, ((...facts: unknown[]) => resolve(facts)) as MqttClientEventCallbacks[K]),
  )
}

async function handshake(to: Broker): Promise<TLSSocket> {
  const socket = connectTls({ host: to.address, port: to.port, servername: to.host.slice(0, -1), ca })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

describe('publication', () => {
  it('A, SRV and LOC', () => {
    const fleet = testbed.zone('fleet.test.')
    expect(fleet.records('one', A)).toEqual([broker.address])
    const { host: target, port } = broker
    expect(fleet.records('_secure-mqtt._tcp', SRV)).toEqual([{ priority: 5, weight: 7, port, target }])
    const [loc] = fleet.records('one', LOC)
    expect(loc?.latitude).toBeCloseTo(50.1109, 5)
    expect(loc?.horizontalPrecisionMetres).toBe(1000)
    expect(fleet.records('two', LOC)).toEqual([])
  })
  it('TLSA as chosen', () => {
    const tlsa = ({ host, port }: Broker) => testbed.zone('fleet.test.').records(prefixed(`_${port}._tcp`, host), TLSA)
    expect(tlsa(broker)).toEqual([tlsaRdata(broker.certificate, '3 1 1')])
    expect(tlsa(sibling)).toEqual([tlsaRdata(sibling.certificate, '2 0 1')])
  })
  it('each has an address or a port of its own', () => {
    expect(`${broker.address}:${broker.port}`).not.toBe(`${sibling.address}:${sibling.port}`)
    expect(broker.address).toMatch(/^127\./)
  })
})

describe('messages', () => {
  it.each([4, 5] as const)('MQTT %s, QoS 1, between two brokers of one cluster', async (protocolVersion) => {
    const before = broker.octetsReceived
    const subscriber = await connect(sibling, { protocolVersion })
    const publisher = await connect(broker, { protocolVersion })
    await subscriber.subscribeAsync(`news/${protocolVersion}`, { qos: 1 })
    const came = event(subscriber, 'message')
    await publisher.publishAsync(`news/${protocolVersion}`, 'hello', { qos: 1 })
    expect(String((await came)[1])).toBe('hello')
    expect(broker.published.at(-1)).toMatchObject({ topic: `news/${protocolVersion}`, qos: 1, retain: false })
    expect(new TextDecoder().decode(broker.published.at(-1)?.payload)).toBe('hello')
    expect(sibling.published).toEqual([])
    expect(broker.octetsReceived).toBeGreaterThan(before + 20)
  })
  it('a broker of another cluster knows nothing of them', async () => {
    const island = await testbed.broker({ host: 'island.fleet.test', service: false, cluster: 'island' })
    await (await connect(broker)).publishAsync('kept', 'here', { qos: 1, retain: true })
    const here = await connect(sibling)
    const came = event(here, 'message')
    await here.subscribeAsync('kept')
    expect(String((await came)[1])).toBe('here')
    const there = await connect(island)
    const nothing: string[] = []
    there.on('message', (topic) => nothing.push(topic))
    await there.subscribeAsync(['kept', 'own'])
    const own = event(there, 'message')
    await there.publishAsync('own', 'x')
    await own
    expect(nothing).toEqual(['own'])
  })
})

describe('counting', () => {
  it('a handshake that is refused by the client brings no MQTT octet', async () => {
    const { octetsReceived, connections, sessions } = broker
    const forged = await (await createAuthority('forger')).issue({ names: ['one.fleet.test'] })
    const genuine = broker.certificate
    broker.present(forged)
    await expect(connect(broker)).rejects.toThrow(/certificate|self-signed|issuer/)
    expect(broker).toMatchObject({ octetsReceived, sessions, connections: connections + 1, certificate: forged })
    broker.present(genuine)
    await connect(broker)
    expect(broker.sessions).toBe(sessions + 1)
  })
  it('a certificate may be published as it changes', async () => {
    const next = await (await testbed.authority()).issue({ names: ['two.fleet.test'] })
    sibling.present(next, { publish: '3 1 1' })
    const owner = prefixed(`_${sibling.port}._tcp`, sibling.host)
    expect(testbed.zone('fleet.test.').records(owner, TLSA)).toEqual([tlsaRdata(next, '3 1 1')])
    const socket = await handshake(sibling)
    expect(socket.getPeerX509Certificate()?.raw).toEqual(Buffer.from(next.chain[0] ?? []))
    socket.destroy()
  })
})

describe('kill and revive', () => {
  it('connections end, nobody listens, and the port comes back with its sessions', async () => {
    const session = { clientId: 'survivor', clean: false, properties: { sessionExpiryInterval: 100 } }
    const client = await connect(broker, session)
    await client.subscribeAsync('later', { qos: 1 })
    const plain = connectTcp(broker.port, broker.address)
    await once(plain, 'connect')
    // Not `once` of node:events, which rejects with the reset that is wanted here.
    const reset = new Promise((resolve) => plain.on('error', () => {}).once('close', resolve))
    plain.resume()
    const closed = [event(client, 'close'), reset]
    await broker.kill()
    await Promise.all(closed)
    expect(broker.running).toBe(false)
    expect(broker.openConnections).toBe(0)
    await expect(connect(broker)).rejects.toHaveProperty('code', 'ECONNREFUSED')
    await (await connect(sibling)).publishAsync('later', 'kept', { qos: 1 })
    await broker.revive()
    await broker.revive()
    const again = connect(broker, session)
    clients.push(await again)
    const [, payload] = await event(await again, 'message')
    expect(String(payload)).toBe('kept')
  })
})

describe('freeze', () => {
  it('accepts and does not even shake hands, until it thaws', async () => {
    const { connections, handshakes } = broker
    broker.freeze()
    const socket = connectTls({ host: broker.address, port: broker.port, servername: 'one.fleet.test', ca })
    const secured = once(socket, 'secureConnect')
    while (broker.connections === connections) await new Promise(setImmediate)
    // Two whole handshakes begun later, in the same event loop, are over before it says a word.
    for (let round = 0; round < 2; round++) (await handshake(sibling)).destroy()
    expect(broker.handshakes).toBe(handshakes)
    broker.thaw()
    await secured
    socket.destroy()
  })
  it('holds open connections in both directions', async () => {
    const client = await connect(broker)
    await client.subscribeAsync('frozen')
    const undo = broker.freeze('handshake')
    const before = broker.octetsReceived
    let answered = false
    const ping = client.publishAsync('frozen', 'x', { qos: 1 }).then(() => {
      answered = true
    })
    while (broker.octetsReceived === before) await new Promise(setImmediate)
    // The engine of both answers here at once, so an answer there would be under way.
    await (await connect(sibling)).publishAsync('other', 'y', { qos: 1 })
    expect(answered).toBe(false)
    undo()
    await ping
  })
  it('from the handshake on, octets come and no CONNACK goes', async () => {
    broker.freeze('handshake')
    const before = broker.octetsReceived
    const session = connect(broker)
    while (broker.octetsReceived === before) await new Promise(setImmediate)
    broker.thaw()
    await session
  })
})

describe('misbehaviour', () => {
  it.each([
    [0x86, 0x86, 4],
    [0x88, 0x88, 3],
    [0x97, 0x97, 3],
    [0x9f, 0x9f, 3],
  ])('refuses CONNECT with %s (MQTT 5 §3.2.2.2)', async (reasonCode, code5, code4) => {
    const undo = broker.refuse(reasonCode)
    await expect(connect(broker)).rejects.toHaveProperty('code', code5)
    await expect(connect(broker, { protocolVersion: 4 })).rejects.toHaveProperty('code', code4)
    undo()
    await connect(broker)
  })
  it('redirects with a Server Reference (MQTT 5 §4.13)', async () => {
    broker.refuse(0x9c, 'two.fleet.test')
    const socket = await handshake(broker)
    const connack = once(socket, 'data')
    socket.write(Uint8Array.from([0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 60, 0, 0, 0]))
    const [reply] = (await connack) as [Buffer]
    expect(reply.subarray(2, 4)).toEqual(Buffer.of(0, 0x9c))
    expect(reply.toString('latin1')).toContain('two.fleet.test')
    socket.destroy()
  })
  it('sends clients away with DISCONNECT (MQTT 5 §3.14), its own only', async () => {
    const [here, there] = [await connect(broker), await connect(sibling)]
    const told = event(here, 'disconnect')
    broker.disconnectClients(0x9d, 'two.fleet.test')
    expect((await told).at(0)).toMatchObject({ reasonCode: 0x9d, properties: { serverReference: 'two.fleet.test' } })
    await there.publishAsync('still', 'here', { qos: 1 })
  })
  it.each(['handshake', 'connack'] as const)('hangs up after the %s', async (stage) => {
    broker.hangUpAfter(stage)
    if (stage === 'handshake') await expect(connect(broker)).rejects.toThrow()
    else await event(await connect(broker), 'close')
  })
  it('sends octets that are no MQTT', async () => {
    const before = broker.octetsReceived
    broker.garble()
    const socket = await handshake(broker)
    const [garbage] = (await once(socket, 'data')) as [Buffer]
    expect(garbage.length).toBeGreaterThan(0)
    socket.write('x')
    while (broker.octetsReceived === before) await new Promise(setImmediate)
    socket.destroy()
  })
  it('survives clients that are no clients', async () => {
    const plain = connectTcp(broker.port, broker.address)
    plain.write('GET / HTTP/1.0\r\n\r\n')
    await once(plain.on('error', () => {}).resume(), 'close')
    const socket = await handshake(broker)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    await once(socket.resume(), 'close')
    await connect(broker)
  })
})

describe('starting', () => {
  it('refuses a name that is none, and a port that is taken', async () => {
    await expect(testbed.broker({ host: 'a..b' })).rejects.toHaveProperty('code', 'core/invalid-name')
    const { address, port } = broker
    await expect(testbed.broker({ host: 'x.fleet.test', address, port })).rejects.toHaveProperty(
      'code',
      'testbed/listen',
    )
  })
  it('refuses after the end', async () => {
    const short = await startTestbed()
    await short.close()
    await expect(short.broker({ host: 'x.fleet.test' })).rejects.toHaveProperty('code', 'testbed/closed')
  })
  it('asks for client certificates where it is told to', async () => {
    const authority = await testbed.authority()
    const tls = { requestCert: true, ca, minVersion: 'TLSv1.3' as const }
    const strict = await testbed.broker({ host: 'mutual.fleet.test', service: false, tls })
    await expect(connect(strict)).rejects.toThrow()
    const { chainPem: cert, privateKeyPem: key } = await authority.issue({ names: ['device'], client: true })
    await connect(strict, { cert, key })
    expect(parseName('mutual.fleet.test')).toBe(strict.host)
  })
})
