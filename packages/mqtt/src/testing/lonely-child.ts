/** For the tests, run as a process of its own: one scenario, and nothing left to wait for. Prints its outcome. */
import { connectThrough } from '../connect.ts'
import { ConnectError } from '../errors.ts'
import { candidate, discovering } from './plan.ts'

const [scenario = '', port = '', ca = ''] = process.argv.slice(2)

process.on('unhandledRejection', (reason) => {
  console.log(`unhandled ${String(reason)}`)
  process.exit(3)
})

const stop = new AbortController()
const connecting = connectThrough({
  domain: 'fleet.test',
  discover: discovering([candidate({ port: Number(port) })]),
  tls: { ca },
  mqtt: { protocolVersion: 5, reconnectPeriod: scenario === 'lose' ? 0 : 1 },
  tlsTimeoutMs: scenario === 'fail' ? 50 : 5_000,
  backoffMaxMs: 1_000,
  signal: stop.signal,
  onEvent: ({ type }) => {
    if (scenario === 'abort' && type === 'dialling') stop.abort('by the caller')
  },
})

try {
  const client = await connecting
  if (scenario === 'end') client.end(() => console.log('ended'))
  if (scenario === 'lose') client.on('close', () => console.log('closed'))
  if (scenario === 'give-up') client.on('error', (error) => error instanceof ConnectError && console.log(error.code))
  if (scenario !== 'end') client.publish('cut', 'me')
} catch (error) {
  console.log(error instanceof ConnectError ? error.code : String(error))
}
