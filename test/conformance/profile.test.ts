/** The example of docs/profile.md: a zone that real servers accept, and that a client orders as the text says. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { discover, parseName } from '@portolan/core'
import { type FakeAnswer, fakeLookup, seededRandom } from '@portolan/core/testing'
import { LOC, loc, parseLoc } from '@portolan/loc'
import { chooseMechanism, TXT, txt } from '@portolan/txt'
import { describe, expect, it } from 'vitest'
import { describeWithServers, pathOf } from '../servers.ts'

const profile = readFileSync(new URL('../../docs/profile.md', import.meta.url), 'utf8')
const running = profile.replace(/\s+/g, ' ')
const zone = /```dns-zone\n([\s\S]*?)```/.exec(profile)?.[1] ?? ''
const berlin = { latitude: 52.52, longitude: 13.4 }

describe('the example of the profile (docs/profile.md §10)', () => {
  const lookup = fakeLookup(answersOf(zone))
  const ordered = (seed: number) =>
    discover('fleet.example', { lookup, plugins: [loc({ near: berlin }), txt()], random: seededRandom(seed) })

  it('is ordered as its text says', async () => {
    const { candidates } = await ordered(1)
    const stations = candidates.map(({ target, facts, standing }) => {
      const km = facts.loc.status === 'located' ? Math.round(facts.loc.distanceMetres / 1000) : undefined
      return [target.host.split('.')[0], km, standing.tier]
    })
    expect(stations.slice(0, 2).sort()).toEqual([
      ['fra1', 424, 2],
      ['fra2', 424, 2],
    ])
    expect(stations.slice(2)).toEqual([
      ['iad1', 6744, 33],
      ['sin1', 9926, 49],
      ['spare', 424, 2],
    ])
    for (const [name, km, tier] of stations.slice(2, 4)) {
      expect(running).toContain(`${name} (${km?.toLocaleString('en')} km, tier ${tier})`)
    }
  })

  it('leads to fra1 with probability 20.5/31 (RFC 2782)', async () => {
    const draws = 2_000
    let first = 0
    for (let seed = 0; seed < draws; seed++) {
      if ((await ordered(seed)).candidates[0]?.target.host === 'fra1.fleet.example.') first++
    }
    // Five standard deviations: the seeds are fixed, so this passes always or never.
    const p = 20.5 / 31
    expect(Math.abs(first / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws))
  })

  it('places the spare by the default at the service name, and offers its mechanisms', async () => {
    const { candidates } = await ordered(1)
    const facts = candidates.at(-1)?.facts
    expect(facts?.loc).toMatchObject({ status: 'located', source: 'service' })
    expect(facts?.txt).toMatchObject({ status: 'offered', mechanisms: ['SCRAM-SHA-256', 'EXTERNAL'] })
    expect(facts && chooseMechanism(facts.txt, ['SCRAM-SHA-256', 'PLAIN'])).toEqual({
      mechanism: 'SCRAM-SHA-256',
      because: 'hint',
    })
  })
})

describeWithServers('the example of the profile, read by BIND', ['named-checkzone'], () => {
  it('is a zone without a fault', () => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'))
    try {
      writeFileSync(join(folder, 'zone'), zone)
      const { status, stdout } = spawnSync(pathOf('named-checkzone'), ['fleet.example', join(folder, 'zone')])
      expect(`${status} ${stdout}`).toMatch(/^0 zone fleet.example\/IN: loaded serial 1/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** As much of the master file format (RFC 1035 §5.1) as the example uses. */
function answersOf(text: string): Readonly<Record<string, FakeAnswer>> {
  const answers: Record<string, { records: unknown[] }> = {}
  let owner = ''
  for (const line of text.split('\n').map((each) => each.replace(/;.*/, '').trimEnd())) {
    const [, name = '', type = '', rdata = ''] = /^(\S*)\s+([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (type === '' || line.startsWith('$')) continue
    if (name !== '') owner = name === '@' ? 'fleet.example.' : `${name}.fleet.example.`
    const key = `${owner} ${type}`
    answers[key] ??= { records: [] }
    answers[key].records.push(recordOf(type, rdata))
  }
  return answers
}

function recordOf(type: string, rdata: string): unknown {
  if (type === 'LOC') return LOC.decode(LOC.encode(parseLoc(rdata)))
  if (type === 'TXT') {
    const strings = [...rdata.matchAll(/"([^"]*)"/g)].map(([, string = '']) => new TextEncoder().encode(string))
    return TXT.decode(TXT.encode(strings))
  }
  if (type !== 'SRV') return rdata
  const [priority = '', weight = '', port = '', target = ''] = rdata.split(/\s+/)
  const host = target === '.' ? target : `${target}.fleet.example`
  return { priority: Number(priority), weight: Number(weight), port: Number(port), target: parseName(host) }
}
