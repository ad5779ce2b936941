/** `npm start`: the tour. Each line is the outcome of what just ran; one that does not happen ends it with status 1. */
import { startFleet, startTestbed } from '@portolan/testbed'
import { composeLookup } from 'portolan'
import { tourOfConnection } from './connection.mjs'
import { tourOfDiscovery } from './discovery.mjs'
import { closing, heading, step } from './steps.mjs'

console.log(
  'Portolan: from a domain to a proved MQTT broker, through DNS alone. All of it on this machine, none on the internet.',
)

const testbed = await startTestbed()
try {
  heading('A signed DNS tree and three brokers, in this process')
  const fleet = await startFleet(testbed)
  await step('Trust begins with', async () => testbed.trustAnchors[0])
  for (const { host, address, port } of fleet.brokers) await step('Broker', async () => `${host} at ${address}:${port}`)
  // What every client here starts from, in the place of the system's servers and the keys of the DNS root.
  const there = { servers: [testbed.resolver], trustAnchors: testbed.trustAnchors }
  const fresh = () => composeLookup(there)
  await tourOfDiscovery(testbed, fleet, fresh)
  await tourOfConnection(fleet, there)
} finally {
  await testbed.close()
}
closing()
