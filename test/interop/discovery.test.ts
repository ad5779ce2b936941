/** `portolan discover` on a zone signed and served by BIND, resolved through unbound; delv and kdig look on. */
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { A, AAAA, CNAME, LookupError, parseName, type RecordType, SRV } from '@portolan/core'
import { formatTlsa, TLSA } from '@portolan/dane'
import { resolver, truncationFallback } from '@portolan/dns'
import { tcp, udp } from '@portolan/dns/node'
import { validated } from '@portolan/dnssec'
import { formatLoc, LOC } from '@portolan/loc'
import { TXT } from '@portolan/txt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finish } from '../processes.ts'
import { describeWithServers } from '../servers.ts'
import { delv, FARM_PROGRAMS, type Farm, run, startFarm } from './farm.ts'
import { FLEET_ZONES, FRANKFURT } from './fleet-zone.ts'

const COMMAND = fileURLToPath(new URL('../../packages/cli/dist/portolan.node.js', import.meta.url))

/** From Frankfurt, by geodesic on WGS 84, to the kilometre; the client stands within the first broker's SIZE. */
const EXPECTED = [
  { host: 'fra.fleet.test', port: 8883, km: 0, addresses: ['127.0.0.1', '127.0.0.2', '::1'] },
  { host: 'ams.fleet.test', port: 8883, km: 367, addresses: ['127.0.0.4'] },
  { host: 'iad.fleet.test', port: 8883, km: 6571, addresses: ['127.0.0.3'] },
  { host: 'sin.fleet.test', port: 8884, km: 10273, addresses: ['::1'] },
  { host: 'backup.partner.test', port: 8883, km: 479, addresses: ['127.0.0.5'] },
  { host: 'last.fleet.test', port: 8883, km: 9355, addresses: ['127.0.0.6'] },
]

/** Each record type with how its values are written in a zone file. */
const PRESENTATION: Readonly<Record<string, (farm: Farm, name: string) => Promise<Reading>>> = {
  A: reading(A, (value) => value),
  AAAA: reading(AAAA, (value) => value),
  CNAME: reading(CNAME, (value) => value),
  SRV: reading(SRV, ({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`),
  LOC: reading(LOC, (value) => formatLoc(value)),
  TXT: reading(TXT, (strings) => strings.map((octets) => `"${new TextDecoder().decode(octets)}"`).join(' ')),
  TLSA: reading(TLSA, (value) => formatTlsa(value)),
}

interface Reading {
  readonly verdict: string
  readonly values: readonly string[]
}

function reading<T>(type: RecordType<T>, format: (value: T) => string): (farm: Farm, name: string) => Promise<Reading> {
  return async ({ resolver: server, trustAnchors }, name) => {
    const exchange = validated(truncationFallback(udp({ server }), tcp({ server })), { trustAnchors })
    try {
      const { records, proof } = await resolver(exchange, { now: Date.now })(parseName(name), type)
      return { verdict: proof.security, values: records.map(format).sort() }
    } catch (error) {
      if (error instanceof LookupError) return { verdict: error.security, values: [] }
      throw error
    }
  }
}

/** Owner and type of every record set of the suite's zones. */
const RRSETS = FLEET_ZONES.flatMap(({ origin, records }) => {
  const owners = records.split('\n').flatMap((line) => {
    const [owner, type] = line.split(' ')
    return owner && type ? [`${owner}.${origin} ${type}`] : []
  })
  return [...new Set(owners)].map((row) => row.split(' ') as [name: string, type: string])
})

describeWithServers('discovery through BIND and unbound', [...FARM_PROGRAMS, 'delv', 'kdig'], () => {
  let farm: Farm
  beforeAll(async () => {
    farm = await startFarm(FLEET_ZONES)
  }, 60_000)
  afterAll(() => farm.stop())

  const portolan = (domain: string, ...options: string[]) => {
    const server = ['--resolver', `127.0.0.1:${farm.resolver.port}`, '--trust-anchor', farm.anchorFile]
    return finish(execPath, [COMMAND, 'discover', domain, ...server, ...options])
  }

  it('ranks the brokers by priority, distance and weight, with their proof and their hints', async () => {
    const { status, stdout, stderr } = await portolan('fleet.test', '--near', FRANKFURT, '--json')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { brokers, struckOut } = JSON.parse(stdout)
    expect(struckOut).toEqual([])
    expect(brokers.map(({ host, port }: { host: string; port: number }) => `${host}:${port}`)).toEqual(
      EXPECTED.map(({ host, port }) => `${host}:${port}`),
    )
    for (const [i, { km, addresses }] of EXPECTED.entries()) {
      const broker = brokers[i]
      expect(Math.abs(broker.place.distanceMetres / 1000 - km), broker.host).toBeLessThan(2)
      expect(broker.addresses.map(({ address }: { address: string }) => address).sort()).toEqual(addresses)
      expect(broker.security.state).toBe('secure')
      expect(broker.sasl).toEqual({ status: 'offered', mechanisms: ['SCRAM-SHA-256', 'EXTERNAL'] })
    }
    expect(brokers[1].canonicalName).toBe('edge.fleet.test')
  })

  it('prints the same as a table', async () => {
    const { status, stdout } = await portolan('fleet.test', '--near', FRANKFURT)
    expect(status).toBe(0)
    const rows = stdout.split('\n').filter((line) => /^\W*\d+\W+\S+\.test\b/.test(line))
    expect(rows).toHaveLength(EXPECTED.length)
    for (const [i, { host, port }] of EXPECTED.entries()) {
      expect(rows[i]).toContain(host)
      expect(rows[i]).toContain(String(port))
    }
  })

  it('takes an unsigned zone for insecure, and withholds its hints', async () => {
    const { stdout } = await portolan('plain.test', '--json')
    const [broker] = JSON.parse(stdout).brokers
    expect(broker.security.state).toBe('insecure')
    expect(broker.sasl).toMatchObject({ status: 'withheld', reason: 'insecure' })
  })

  describe('every record', () => {
    it.each(RRSETS)('%s %s: delv agrees with our verdict, kdig with our reading', async (name, type) => {
      const ours = await PRESENTATION[type]?.(farm, name)
      const { verdict } = await delv(farm, name, type)
      expect(ours?.verdict).toBe(verdict)
      const short = ['@127.0.0.1', '-p', String(farm.resolver.port), '+short', name, type]
      const lines = (await run('kdig', short)).trim().split('\n')
      expect(ours?.values.map(comparable)).toEqual(lines.map(comparable).sort())
    })
  })

  it('asks for a name that is not there, and is told so with proof', async () => {
    const ours = await PRESENTATION.SRV?.(farm, '_nothing._tcp.fleet.test')
    expect(ours).toEqual({ verdict: (await delv(farm, '_nothing._tcp.fleet.test', 'SRV')).verdict, values: [] })
  })
})

/** Programs differ in spaces, letter case of digests, and trailing zeros of metres and seconds. */
function comparable(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/(\d+)\.00m/g, '$1m')
    .replaceAll(/(\d+)\.000 (?=[nsew])/g, '$1 ')
    .replaceAll(/\s+/g, ' ')
}
