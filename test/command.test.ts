import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFleet, startTestbed, type Testbed } from '@portolan/testbed'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from './house/files.ts'
import { finish, start } from './processes.ts'

/** As it is published, so this needs `pnpm build`, which `npm test` does first. */
const PORTOLAN = join(ROOT, 'packages/cli/dist/portolan.node.js')

let testbed: Testbed
let folder: string
let there: readonly string[]
beforeAll(async () => {
  testbed = await startTestbed()
  await startFleet(testbed)
  folder = mkdtempSync(join(tmpdir(), 'portolan-command-'))
  writeFileSync(join(folder, 'root.ds'), `; of the test\n${testbed.trustAnchors.join('\n')}\n`)
  const { host, port } = testbed.resolver
  there = ['--resolver', `${host}:${port}`, '--trust-anchor', join(folder, 'root.ds')]
})
afterEach(() => testbed.heal())
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await testbed.close()
})

const portolan = (...args: readonly string[]) => finish(process.execPath, [PORTOLAN, ...args])

describe('the executable: each end comes by itself, with nothing left open', () => {
  it('lists the brokers of a domain', async () => {
    const { status, stdout, stderr } = await portolan('discover', 'fleet.test', '--near', '1.35,103.82', ...there)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^fleet\.test: 3 brokers .*secure.*\n\n.*\n +1 +singapore\.fleet\.test/)
  })

  it('publishes and receives a message', async () => {
    expect(await portolan('pub', 'fleet.test', '-t', 'a', '-m', 'b', '-r', '-q', '1', ...there)).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(await portolan('sub', 'fleet.test', '-t', 'a', '-C', '1', ...there)).toEqual({
      status: 0,
      stdout: 'b\n',
      stderr: '',
    })
  })

  it.each<[string, number, () => unknown, readonly string[]]>([
    ['a silent resolver', 7, () => testbed.silence(), ['fleet.test', '--timeout', '500']],
    ['a resolver that strips signatures', 6, () => testbed.strip(), ['fleet.test']],
    ['garbage', 7, () => testbed.tamper(() => new Uint8Array(10_000).fill(0xc0)), ['fleet.test', '--timeout', '2000']],
    ['no such domain', 3, () => {}, ['nowhere.test']],
    ['no domain', 2, () => {}, []],
  ])('ends with its status after %s', async (_title, expected, breakIt, args) => {
    breakIt()
    const { status, stderr } = await portolan('discover', ...args, ...there)
    expect(stderr).not.toContain('fault')
    expect(status).toBe(expected)
  })

  it('ends with 130 on Ctrl-C, and says goodbye to the broker', async () => {
    const running = await start(process.execPath, [PORTOLAN, 'sub', 'fleet.test', '-t', 'a', '--verbose', ...there], {
      ready: /^connected /m,
    })
    process.kill(running.pid, 'SIGINT')
    await running.said(/^stopped/m)
    expect(await running.ended()).toBe(130)
  })

  it('takes no offence where its reader leaves early', async () => {
    const command = `"${process.execPath}" "${PORTOLAN}" discover --help | head -n 1`
    expect(await finish('sh', ['-c', command])).toEqual({
      status: 0,
      stdout: 'Usage: portolan discover [options] <domain>\n',
      stderr: '',
    })
  })
})
