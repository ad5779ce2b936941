/** The second half of the tour: a message over a proved connection, failover, and a forged broker. */
import { once } from 'node:events'
import { displayName } from '@portolan/core'
import { createAuthority } from '@portolan/testbed'
import { connect } from 'portolan'
import { expect, heading, step } from './steps.mjs'

const BERLIN = { latitude: 52.52, longitude: 13.405 }
const TOPIC = 'fleet/42/position'

/**
 * @param {import('@portolan/testbed').Fleet} fleet
 * @param {{ servers: readonly { host: string, port: number }[], trustAnchors: readonly string[] }} there
 */
export async function tourOfConnection(fleet, there) {
  heading('Messages over a connection that DANE proved before the first octet of MQTT')
  const brokerOf = () => fleet.brokers.find(({ openConnections }) => openConnections > 0)
  const client = await connect(fleet.domain, { ...there, near: BERLIN }).catch(() => undefined)
  await step('Connected to', async () => {
    expect(client !== undefined, 'nobody')
    const broker = brokerOf()
    expect(broker === fleet.frankfurt, `${broker?.host}, which is not the nearest`)
    return `${broker && displayName(broker.host)}, the nearest`
  })
  if (client === undefined) return
  // A connection that breaks is told of; the client goes on by itself.
  client.on('error', () => {})
  await client.subscribeAsync(TOPIC, { qos: 1 })
  const roundTrip = async (/** @type {string} */ text) => {
    const received = once(client, 'message')
    await client.publishAsync(TOPIC, text, { qos: 1 })
    const [topic, payload] = await received
    expect(topic === TOPIC && String(payload) === text, `${topic} ${payload}`)
    return `${topic} = ${payload}, QoS 1, published and received`
  }
  await step('A message', () => roundTrip('52.52,13.40'))
  await step('The broker in Frankfurt is killed; the client moves on', async () => {
    const connected = new Promise((resolve) => client.once('connect', resolve))
    await fleet.frankfurt.kill()
    await connected
    const broker = brokerOf()
    expect(broker !== undefined && broker !== fleet.frankfurt, 'nowhere')
    return `to ${broker && displayName(broker.host)}; ${await roundTrip('52.53,13.41')}`
  })
  await client.endAsync()
  await fleet.frankfurt.revive()

  await step('Frankfurt is back, with a forged certificate', async () => {
    const { frankfurt } = fleet
    const forger = await createAuthority('Somebody else')
    frankfurt.present(await forger.issue({ names: [frankfurt.host, fleet.domain] }))
    const before = { octets: frankfurt.octetsReceived, connections: frankfurt.connections }
    /** @type {string[]} */
    const refusals = []
    const careful = await connect(fleet.domain, {
      ...there,
      near: BERLIN,
      onEvent: (event) => {
        if (event.type === 'attempt-failed') refusals.push(event.error.code)
      },
    })
    const broker = brokerOf()
    await careful.endAsync()
    expect(frankfurt.connections > before.connections, 'it was not even tried')
    expect(broker !== undefined && broker !== frankfurt, 'it was accepted')
    const octets = frankfurt.octetsReceived - before.octets
    expect(octets === 0, `it saw ${octets} octets of MQTT`)
    return `refused (${refusals[0]}); octets of MQTT that it saw: ${octets}; connected to ${broker && displayName(broker.host)}`
  })
}
