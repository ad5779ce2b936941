/** What goes wrong on the way to a plan ends in its own documented code, in time, in a process that then exits by itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { CNAME, parseName, SRV } from '@portolan/core'
import { startTestbed, type Testbed } from '@portolan/testbed'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { finish } from '../processes.ts'

const COMMAND = fileURLToPath(new URL('../../packages/cli/dist/portolan.node.js', import.meta.url))
const SERVICE = '_secure-mqtt._tcp'

describe('bad input', () => {
  let testbed: Testbed
  let folder: string
  let anchorFile: string

  beforeAll(async () => {
    testbed = await startTestbed()
    folder = await mkdtemp(join(tmpdir(), 'portolan-bad-input-'))
    anchorFile = join(folder, 'anchor.ds')
    await writeFile(anchorFile, testbed.trustAnchors.join('\n'))
    const fleet = testbed.zone('fleet.test')
    fleet.add(SERVICE, SRV, { priority: 10, weight: 5, port: 8883, target: parseName('b1.fleet.test') })
    fleet.add('b1', { mnemonic: 'A', code: 1, decode: (rdata) => rdata, encode: (rdata) => rdata }, LOOPBACK)
    fleet.add(`${SERVICE}.loop`, CNAME, parseName(`${SERVICE}.pool.fleet.test`))
    fleet.add(`${SERVICE}.pool`, CNAME, parseName(`${SERVICE}.loop.fleet.test`))
    fleet.add(`${SERVICE}.none`, SRV, { priority: 0, weight: 0, port: 0, target: parseName('.') })
    fleet.add('empty', { mnemonic: 'TXT', code: 16, decode: (rdata) => rdata, encode: (rdata) => rdata }, NO_TEXT)
    for (let n = 0; n < 300; n++) {
      fleet.add(`${SERVICE}.many`, SRV, { priority: 0, weight: n, port: 8000 + n, target: parseName('b1.fleet.test') })
    }
  })
  beforeEach(() => testbed.heal())
  afterAll(async () => {
    await testbed.close()
    await rm(folder, { recursive: true })
  })

  async function discover(domain: string, ...options: string[]) {
    const { host, port } = testbed.resolver
    const server = options.includes('--resolver') ? [] : ['--resolver', `${host}:${port}`]
    const anchor = options.includes('--trust-anchor') ? [] : ['--trust-anchor', anchorFile]
    // `finish` rejects where the process does not end by itself.
    const run = await finish(execPath, [COMMAND, 'discover', domain, ...server, ...anchor, '--json', ...options])
    expect(run.stderr).not.toMatch(/unhandled|at .*\.js:\d+/i)
    return { ...run, report: JSON.parse(run.stdout) }
  }

  const rows: readonly (readonly [
    title: string,
    domain: string,
    spoil: (testbed: Testbed) => void,
    code: string,
    status: number,
  ])[] = [
    ['an unknown domain', 'nowhere.test', () => {}, 'core/no-such-domain', 3],
    ['a service that is decidedly not offered', 'none.fleet.test', () => {}, 'core/service-not-offered', 4],
    ['a domain without service or address', 'empty.fleet.test', () => {}, 'core/no-service', 5],
    ['a CNAME loop', 'loop.fleet.test', () => {}, 'core/service-lookup-failed', 7],
    ['a resolver that does not answer', 'fleet.test', (t) => t.silence(), 'core/service-lookup-failed', 7],
    ['one that answers SERVFAIL', 'fleet.test', (t) => t.servfail(), 'core/service-lookup-failed', 7],
    [
      'replies cut in half',
      'fleet.test',
      (t) => t.tamper((reply) => reply.slice(0, reply.length / 2)),
      'core/service-lookup-failed',
      7,
    ],
    [
      'garbage',
      'fleet.test',
      (t) => t.tamper(() => new Uint8Array(10_240).fill(0xc0)),
      'core/service-lookup-failed',
      7,
    ],
    ['replies with another id', 'fleet.test', (t) => t.tamper(flipped(0)), 'core/service-lookup-failed', 7],
    ['replies to another question', 'fleet.test', (t) => t.tamper(flipped(14)), 'core/service-lookup-failed', 7],
    [
      'a resolver that strips signatures',
      'fleet.test',
      (t) => t.strip({ alsoDrop: ['NSEC', 'DS', 'DNSKEY'] }),
      'core/service-bogus',
      6,
    ],
    ['a stripped signature', 'fleet.test', (t) => t.strip({ type: SRV }), 'core/service-bogus', 6],
    [
      'a forged record',
      'fleet.test',
      (t) => t.forge(`${SERVICE}.fleet.test`, SRV, (srv) => ({ ...srv, port: 666 })),
      'core/service-bogus',
      6,
    ],
    ['an expired signature', 'fleet.test', (t) => t.expire({ type: SRV }), 'core/service-bogus', 6],
  ]

  it.each(rows)('%s', async (_, domain, spoil, code, status) => {
    spoil(testbed)
    const run = await discover(domain)
    expect(run.report.error.code).toBe(code)
    expect(run.status).toBe(status)
    expect(run.report.error.exitStatus).toBe(status)
    expect(run.report.error.message).toContain(domain)
    expect(run.report.error.advice.length).toBeGreaterThan(0)
  })

  it('a wrong trust anchor is told apart from a forged answer', async () => {
    const wrong = join(folder, 'wrong.ds')
    await writeFile(wrong, `. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n`)
    const { status, report } = await discover('fleet.test', '--trust-anchor', wrong)
    expect(status).toBe(6)
    expect(report.error.code).toBe('core/service-bogus')
    expect(report.error.message).toMatch(/anchor/)
  })

  it('nobody at the resolver address', async () => {
    const { status, report } = await discover('fleet.test', '--resolver', '127.0.0.1:1')
    expect(status).toBe(7)
    expect(report.error.code).toBe('core/service-lookup-failed')
  })

  it('300 SRV records are read over TCP and ranked', async () => {
    const { status, report } = await discover('many.fleet.test')
    expect(status).toBe(0)
    expect(new Set(report.brokers.map(({ port }: { port: number }) => port)).size).toBe(300)
    expect(testbed.questions.some(({ transport }) => transport === 'tcp')).toBe(true)
  })
})

const LOOPBACK = Uint8Array.of(127, 0, 0, 1)
const NO_TEXT = Uint8Array.of(0)

function flipped(at: number) {
  return (reply: Uint8Array) => reply.map((octet, i) => (i === at ? octet ^ 1 : octet))
}
