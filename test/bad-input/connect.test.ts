/** What goes wrong between a proved plan and a connection: DNS, DNSSEC, DANE and the connector together, without the command. */
import { dane, TLSA } from '@portolan/dane'
import { resolver, truncationFallback } from '@portolan/dns'
import { tcp, udp } from '@portolan/dns/node'
import { validated } from '@portolan/dnssec'
import { type ConnectEvent, type ConnectionOptions, connect } from '@portolan/mqtt'
import { type Broker, createAuthority, startTestbed, type Testbed } from '@portolan/testbed'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

describe('connections to the testbed, proved by DANE', () => {
  let testbed: Testbed
  let brokers: readonly [Broker, Broker, Broker]
  let events: ConnectEvent[]
  let stop: AbortController

  beforeEach(async () => {
    events = []
    stop = new AbortController()
    testbed = await startTestbed()
    const broker = (n: number) => testbed.broker({ host: `b${n}.fleet.test`, priority: n })
    brokers = [await broker(1), await broker(2), await broker(3)]
  })
  afterEach(async () => {
    stop.abort()
    await testbed.close()
  })

  function toFleet(options: ConnectionOptions = {}) {
    const server = testbed.resolver
    const exchange = truncationFallback(udp({ server }), tcp({ server }))
    const lookup = resolver(validated(exchange, { trustAnchors: testbed.trustAnchors }))
    const onEvent = (event: ConnectEvent) => void events.push(event)
    return connect('fleet.test', {
      lookup,
      plugins: [dane()],
      onEvent,
      signal: stop.signal,
      backoffBaseMs: 1,
      ...options,
    })
  }
  const connectedTo = () =>
    events.flatMap((event) => (event.type === 'connected' ? [event.endpoint.host.split('.')[0]] : []))

  it('goes to the first, proved by its TLSA', async () => {
    const client = await toFleet({ mqtt: { protocolVersion: 5 } })
    await client.publishAsync('a', 'b', { qos: 1 })
    await client.endAsync()
    expect(connectedTo()).toEqual(['b1'])
    expect(events.find(({ type }) => type === 'proved')).toMatchObject({ by: 'dane' })
  })

  it('refuses a forged certificate before one octet of MQTT, and goes on', async () => {
    const [first] = brokers
    const before = first.octetsReceived
    first.present(await (await createAuthority('forger')).issue({ names: ['b1.fleet.test', 'fleet.test'] }))
    await toFleet()
    expect(connectedTo()).toEqual(['b2'])
    expect(first.octetsReceived).toBe(before)
    expect(events.find(({ type }) => type === 'attempt-failed')).toMatchObject({ error: { code: 'mqtt/tls-refused' } })
  })

  it('leaves out the one of three whose TLSA lookup fails', async () => {
    testbed.servfail({ below: 'b1.fleet.test', type: TLSA })
    await toFleet()
    expect(connectedTo()).toEqual(['b2'])
    expect(events.some((event) => event.type === 'dialling' && event.endpoint.host === 'b1.fleet.test.')).toBe(false)
  })

  it('moves to another when its broker is killed', async () => {
    const client = await toFleet()
    const again = new Promise((resolve) => client.once('connect', resolve))
    await brokers[0].kill()
    await again
    expect(connectedTo()).toEqual(['b1', 'b2'])
  })

  it.each([
    ['mqtt/no-broker', 'killed', (broker: Broker) => broker.kill()],
    ['mqtt/timeout', 'frozen before TLS', (broker: Broker) => broker.freeze('connection')],
    ['mqtt/closed', 'hanging up after TLS', (broker: Broker) => broker.hangUpAfter('handshake')],
    ['mqtt/refused-credentials', 'refusing the password', (broker: Broker) => broker.refuse(0x86)],
  ] as const)('ends in %s where every broker is %s', async (code, _, spoil) => {
    for (const broker of brokers) await spoil(broker)
    const error = await toFleet({ mqtt: { protocolVersion: 5 }, tlsTimeoutMs: 200, connackTimeoutMs: 2_000 }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code, attempts: [{}, {}, {}] })
  })

  it('ends where every broker sends random octets: no MQTT, or the beginning of a packet that never ends', async () => {
    for (const broker of brokers) broker.garble()
    const error = await toFleet({ connackTimeoutMs: 200 }).catch((reason: unknown) => reason)
    const code = expect.stringMatching(/^mqtt\/(protocol|timeout)$/)
    expect(error).toMatchObject({ attempts: [{ code }, { code }, { code }] })
  })
})
