/** A process that used a testbed ends by itself once the testbed is closed, whatever was open or out of order. */
import { execPath } from 'node:process'
import { expect, it } from 'vitest'
import { finish } from '../processes.ts'

const PROGRAM = `
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { startFleet, startTestbed } from '@portolan/testbed'

const testbed = await startTestbed()
const { frankfurt, ashburn, singapore } = await startFleet(testbed)
const reach = async (client) => {
  client.on('error', () => {})
  await once(client, client.encrypted ? 'secureConnect' : 'connect')
}
await reach(connect(testbed.resolver.port, testbed.resolver.host))
const ca = (await testbed.authority()).certificatePem
for (const { address: host, port } of [frankfurt, ashburn]) await reach(connectTls({ host, port, ca, servername: 'fleet.test' }))
ashburn.freeze('handshake')
singapore.freeze()
await reach(connect(singapore.port, singapore.address))
await frankfurt.kill()
testbed.silence()
await testbed.close()
console.log('closed')
`

it('exits by itself after close', async () => {
  // `finish` kills and rejects where it does not.
  const { status, stdout, stderr } = await finish(execPath, ['--input-type=module', '-e', PROGRAM])
  expect([status, stdout, stderr]).toEqual([0, 'closed\n', ''])
})
