import type { Packet } from 'mqtt-packet'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Credentials } from './testing/certificates.ts'
import { at, type Harness, harness, occurs, testAuthority } from './testing/harness.ts'
import { serveBroker, serveScript } from './testing/servers.ts'

let genuine: Credentials
let test: Harness
beforeAll(async () => {
  genuine = await (await testAuthority()).issue(['b1.fleet.test', 'b2.fleet.test'])
})
beforeEach(async () => {
  test = harness(await testAuthority())
})
afterEach(() => test.close())

/** Takes everything and acknowledges none of it. */
async function black() {
  const seen: Packet[] = []
  const onPacket = (packet: Packet, reply: (packet: Packet) => void) => {
    seen.push(packet)
    if (packet.cmd === 'connect') reply({ cmd: 'connack', reasonCode: 0, sessionPresent: false })
    if (packet.cmd === 'subscribe') reply({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] } as Packet)
  }
  return { ...(await test.opened(serveScript({ onPacket }, { tls: genuine }))), seen }
}

it.each([4, 5] as const)('subscriptions still deliver after a move, MQTT version %s', async (protocolVersion) => {
  const first = await test.opened(serveBroker(genuine))
  const second = await test.opened(serveBroker(genuine))
  const client = await test.connect([at(first, 'b1'), at(second, 'b2')], { mqtt: { protocolVersion } })
  await client.subscribeAsync('a/#', { qos: 1 })
  const subscribed = new Promise<void>((resolve) => second.aedes.on('subscribe', () => resolve()))
  await first.close()
  await subscribed
  const message = new Promise<string>((resolve) =>
    client.on('message', (topic, payload) => resolve(`${topic} ${payload}`)),
  )
  await client.publishAsync('a/b', 'moved', { qos: 1 })
  expect(await message).toBe('a/b moved')
  expect(test.story().at(-1)).toBe('connected b2')
})

it('subscriptions are made again also where a session was asked for and the new broker has none (clean: false)', async () => {
  const first = await test.opened(serveBroker(genuine))
  const second = await test.opened(serveBroker(genuine))
  const mqtt = { clean: false, clientId: 'steady' }
  const client = await test.connect([at(first, 'b1'), at(second, 'b2')], { mqtt })
  await client.subscribeAsync('a', { qos: 1 })
  const subscribed = new Promise<void>((resolve) => second.aedes.on('subscribe', () => resolve()))
  await first.close()
  await subscribed
})

it.each([1, 2] as const)('a QoS %s message in flight is sent again to the new broker', async (qos) => {
  const first = await black()
  const second = await test.opened(serveBroker(genuine))
  const client = await test.connect([at(first, 'b1'), at(second, 'b2')], { mqtt: { protocolVersion: 5 } })
  const arrived = new Promise<string>((resolve) => {
    second.aedes.on('publish', ({ topic, payload }) => topic === 'a' && resolve(payload.toString()))
  })
  const sent = test.next('lost')
  const published = client.publishAsync('a', 'unacknowledged', { qos })
  while (!first.seen.some(({ cmd }) => cmd === 'publish')) await new Promise(setImmediate)
  await first.close()
  await sent
  expect(await arrived).toBe('unacknowledged')
  await published
})

it('a message published while no broker is up is sent once one is', async () => {
  const first = await test.opened(serveBroker(genuine))
  const second = await test.opened(serveBroker(genuine))
  const client = await test.connect([at(first, 'b1'), at(second, 'b2')])
  const arrived = new Promise<string>((resolve) => {
    second.aedes.on('publish', ({ topic }) => topic.startsWith('q') && resolve(topic))
  })
  const offline = occurs(client, 'offline')
  await first.close()
  await offline
  await client.publishAsync('q1', 'late', { qos: 1 })
  expect(await arrived).toBe('q1')
})

it('a new order is taken from a new discovery', async () => {
  const first = await test.opened(serveBroker(genuine))
  const second = await test.opened(serveBroker(genuine))
  const orders = [[at(first, 'b1', { expiresAtMs: 1 })], [at(second, 'b2')]]
  const discover = async function* () {
    const order = orders.shift() ?? []
    yield* order
    return { candidates: order, expiresAtMs: 1 } as never
  }
  const client = await test.connect(discover)
  const again = occurs(client, 'connect')
  first.cut()
  await again
  expect(test.story().at(-1)).toBe('connected b2')
})
