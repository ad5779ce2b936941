/** What the testbed serves, judged by BIND's validator: it must hold where it should, and fail where a fault says so. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { A, CNAME, DNAME, parseName, SRV } from '@portolan/core'
import { octets, startTestbed, type Testbed } from '@portolan/testbed'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { finish } from '../processes.ts'
import { describeWithServers, pathOf } from '../servers.ts'

const SECURE = 'fully validated'
const DENIED = 'negative response, fully validated'
const UNSIGNED = 'unsigned answer'

/** Name, type, delv's word for it. */
const QUESTIONS: readonly (readonly [name: string, type: string, verdict: string])[] = [
  ['.', 'DNSKEY', SECURE],
  ['fleet.test', 'SOA', SECURE],
  ['fleet.test', 'DS', SECURE],
  ['_secure-mqtt._tcp.fleet.test', 'SRV', SECURE],
  ['host.fleet.test', 'A', SECURE],
  ['host.fleet.test', 'TYPE65280', SECURE],
  ['host.fleet.test', 'AAAA', DENIED],
  ['ent.fleet.test', 'A', DENIED],
  ['nobody.fleet.test', 'A', DENIED],
  ['a.b.nobody.fleet.test', 'A', DENIED],
  ['nobody', 'A', DENIED],
  ['x.y.wild.fleet.test', 'A', SECURE],
  ['x.wild.fleet.test', 'AAAA', DENIED],
  ['!.wild.fleet.test', 'AAAA', DENIED],
  ['near.fleet.test', 'A', SECURE],
  ['lost.fleet.test', 'A', SECURE],
  ['x.alias.fleet.test', 'A', SECURE],
  ['far.old.fleet.test', 'A', SECURE],
  ['plain.test', 'DS', DENIED],
  ['www.plain.test', 'A', UNSIGNED],
  ['nobody.plain.test', 'A', 'negative response, unsigned answer'],
]

describeWithServers('the testbed and delv', ['delv'], () => {
  let folder: string
  const testbeds: Testbed[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-delv-'))
  })
  afterAll(async () => {
    await Promise.all(testbeds.map((testbed) => testbed.close()))
    await rm(folder, { recursive: true })
  })

  async function filled(algorithm: 8 | 13 | 15): Promise<Testbed> {
    const testbed = await startTestbed({ algorithm })
    testbeds.push(testbed)
    const fleet = testbed.zone('fleet.test.')
    fleet.add('host', A, '127.0.0.2')
    fleet.add('host', octets(65_280), Uint8Array.of(1, 2, 3))
    fleet.add('_secure-mqtt._tcp', SRV, { priority: 1, weight: 2, port: 3, target: parseName('host.fleet.test.') })
    fleet.add('*.wild', A, '127.0.0.4')
    fleet.add('*.alias', CNAME, parseName('host.fleet.test.'))
    fleet.add('b.ent', A, '127.0.0.5')
    fleet.add('near', CNAME, parseName('far.partner.test.'))
    fleet.add('lost', CNAME, parseName('nothing.partner.test.'))
    fleet.add('old', DNAME, parseName('partner.test.'))
    testbed.zone('partner.test.').add('far', A, '127.0.0.6')
    testbed.zone('plain.test.').add('www', A, '127.0.0.7')
    return testbed
  }

  async function delv(testbed: Testbed, name: string, type: string): Promise<string> {
    const [, , , , keyTag, algorithm, digestType, digest] = (testbed.trustAnchors[0] ?? '').split(' ')
    const anchors = join(folder, `${keyTag}.key`)
    await writeFile(anchors, `trust-anchors { . static-ds ${keyTag} ${algorithm} ${digestType} "${digest}"; };\n`)
    const server = [`@${testbed.resolver.host}`, '-p', `${testbed.resolver.port}`]
    const { stdout, stderr } = await finish(pathOf('delv'), [...server, '-a', anchors, '+root=.', name, type])
    return stdout + stderr
  }

  it.each([8, 13, 15] as const)('algorithm %i: every kind of answer holds', async (algorithm) => {
    const testbed = await filled(algorithm)
    const said: string[] = []
    for (const [name, type] of QUESTIONS) said.push(`${name} ${type}: ${comment(await delv(testbed, name, type))}`)
    expect(said).toEqual(QUESTIONS.map(([name, type, verdict]) => `${name} ${type}: ${verdict}`))
  })

  it.each<[string, (testbed: Testbed) => void]>([
    ['a forged record', (testbed) => testbed.forge('host.fleet.test', A, () => '10.6.6.6')],
    ['a stripped signature', (testbed) => testbed.strip({ owner: 'host.fleet.test' })],
    ['stripped keys', (testbed) => testbed.strip({ below: 'fleet.test', alsoDrop: ['DNSKEY'] })],
    ['a stripped DS and its denial', (testbed) => testbed.strip({ alsoDrop: ['DS', 'NSEC'] })],
    ['an expired signature', (testbed) => testbed.expire({ owner: 'host.fleet.test' })],
    ['a signature of tomorrow', (testbed) => testbed.postdate({ owner: 'host.fleet.test' }, 86_400)],
  ])('%s is refused', async (_, spoil) => {
    const testbed = testbeds[1] ?? (await filled(13))
    expect(comment(await delv(testbed, 'host.fleet.test', 'A'))).toBe(SECURE)
    spoil(testbed)
    expect(await delv(testbed, 'host.fleet.test', 'A')).toMatch(/resolution failed/)
    testbed.heal()
  })
})

/** What delv says of the answer; of an absence it says more in a line before. */
function comment(output: string): string {
  return /^; (.*(?:validated|unsigned answer))$/m.exec(output)?.[1] ?? output
}
