import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closedPort, replyTo, sendFramed, tcpServer, udpServer } from './testing/loopback.node.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const child = fileURLToPath(new URL('../dist/testing/lonely-child.js', import.meta.url))

const closers: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

// The child is a process of Node alone, which on Node 20 reads no TypeScript.
beforeAll(async () => {
  await run(`${root}node_modules/.bin/tsc`, ['-b', 'packages/dns'], { cwd: root })
}, 120_000)

it('lets a process end by itself after questions to dead, refusing and live servers, and aborted ones', async () => {
  const deadUdp = await udpServer(() => {})
  const deadTcp = await tcpServer(() => {})
  const live = await tcpServer((octets, socket) => sendFramed(socket, replyTo(octets)))
  closers.push(deadUdp.close, deadTcp.close, live.close)
  const ports = [deadUdp.server.port, deadTcp.server.port, await closedPort(), live.server.port]
  // A process that lingers is killed by the time-out, and rejects here with its signal.
  const { stdout, stderr } = await run(process.execPath, [child, ...ports.map(String)], { timeout: 20_000 })
  expect(stderr).toBe('')
  const aborted = 'by the caller'
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { name: 'silent', code: 'dns/timeout', aborted },
    { name: 'refused', code: 'dns/network', aborted: expect.any(String) },
    { name: 'live', server: `127.0.0.1:${live.server.port}`, aborted },
    { name: 'second', server: `127.0.0.1:${live.server.port}`, aborted },
  ])
})
