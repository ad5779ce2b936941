import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, expect, it } from 'vitest'
import type { Credentials } from './testing/certificates.ts'
import { testAuthority } from './testing/harness.ts'
import { serve, serveScript, type TestServer } from './testing/servers.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const child = fileURLToPath(new URL('../dist/testing/lonely-child.js', import.meta.url))
let genuine: Credentials
let ca: string
const servers: TestServer[] = []

// The child is a process of Node alone, which on Node 20 reads no TypeScript.
beforeAll(async () => {
  const authority = await testAuthority()
  ca = authority.ca
  genuine = await authority.issue(['b1.fleet.test'])
  await run(`${root}node_modules/.bin/tsc`, ['-b', 'packages/mqtt'], { cwd: root })
}, 120_000)
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** A process that lingers is killed by the time-out, and rejects here with its signal. */
async function outcome(scenario: string, server: TestServer): Promise<string> {
  servers.push(server)
  const { stdout, stderr } = await run(process.execPath, [child, scenario, String(server.port), ca], {
    timeout: 20_000,
  })
  expect(stderr).toBe('')
  return stdout.trim()
}

/** Accepts the first CONNECT, refuses the later ones, and cuts the connection at a PUBLISH. */
function fickle() {
  let connects = 0
  return serveScript(
    {
      onPacket({ cmd }, reply, socket) {
        if (cmd === 'connect') reply({ cmd: 'connack', reasonCode: connects++ === 0 ? 0 : 0x87, sessionPresent: false })
        if (cmd === 'publish') socket.destroy()
      },
    },
    { tls: genuine },
  )
}

it('a process exits by itself after a connection that failed', async () => {
  expect(await outcome('fail', await serve(() => {}))).toBe('mqtt/timeout')
})

it('after an abort while it was dialling', async () => {
  expect(await outcome('abort', await serve(() => {}))).toBe('by the caller')
})

it('after end()', async () => {
  expect(await outcome('end', await fickle())).toBe('ended')
})

it('after a loss where it is not to reconnect', async () => {
  expect(await outcome('lose', await fickle())).toBe('closed')
})

it('after it gave up because the credentials are refused', async () => {
  expect(await outcome('give-up', await fickle())).toBe('mqtt/refused-credentials')
})
