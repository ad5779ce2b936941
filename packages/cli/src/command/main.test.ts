import { discover as discoverWith, LookupError, parseName } from '@portolan/core'
import { bogusError, type FakeAnswer, fakeLookup, seededRandom, timeoutError } from '@portolan/core/testing'
import { loc } from '@portolan/loc'
import { hintRecord, txt } from '@portolan/txt'
import { describe, expect, it } from 'vitest'
import type { Discover, DiscoverOptions } from '../discover.ts'
import { failureSchema, reportSchema } from '../report/schema.ts'
import type { CommandIo } from './io.ts'
import { main } from './main.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const SERVICE = '_secure-mqtt._tcp.fleet.example.'

type Table = Readonly<Record<string, FakeAnswer | Error>>

function place(latitude: number, longitude: number): FakeAnswer {
  const metres = { altitudeMetres: 0, sizeMetres: 1, horizontalPrecisionMetres: 10, verticalPrecisionMetres: 10 }
  return { records: [{ latitude, longitude, ...metres }] }
}

function srv(priority: number, weight: number, host: string) {
  return { priority, weight, port: 8883, target: parseName(`${host}.fleet.example`) }
}

const BERLIN = srv(10, 60, 'berlin')
const CAPE_TOWN = srv(10, 40, 'cape-town')
const FLEET: Table = {
  [`${SERVICE} SRV`]: { records: [BERLIN, CAPE_TOWN, srv(20, 1, 'spare')], expiresAtMs: NOW + 299_000 },
  [`${SERVICE} TXT`]: { records: [hintRecord(['SCRAM-SHA-256', 'EXTERNAL'])] },
  'berlin.fleet.example. A': { records: ['192.0.2.1'] },
  'berlin.fleet.example. AAAA': { records: ['2001:db8::1'] },
  'berlin.fleet.example. LOC': place(52.52, 13.4),
  'cape-town.fleet.example. A': { records: ['192.0.2.2'] },
  'cape-town.fleet.example. LOC': place(-33.92, 18.42),
  'spare.fleet.example. A': bogusError('spare.fleet.example.', 'A'),
}

interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
  readonly asked: readonly DiscoverOptions[]
}

/** The command over core's own discovery, with answers from a table. */
async function run(args: string, table: Table = FLEET, io: Partial<CommandIo> = {}): Promise<Ran> {
  let [out, err] = ['', '']
  const asked: DiscoverOptions[] = []
  const discover: Discover = (domain, options = {}) => {
    asked.push(options)
    const { near, signal, now, onTrace, allowPlaintext } = options
    const common = { lookup: fakeLookup(table), signal, now, onTrace, allowPlaintext, random: seededRandom(7) }
    return near === undefined
      ? discoverWith(domain, { ...common, plugins: [txt()] })
      : discoverWith(domain, { ...common, plugins: [loc({ near }), txt()] })
  }
  const status = await main(
    args.split(' ').filter((word) => word !== ''),
    {
      out: (text) => {
        out += text
      },
      err: (text) => {
        err += text
      },
      outIsTerminal: false,
      errIsTerminal: false,
      env: {},
      readFile: () => '',
      now: () => NOW,
      signal: new AbortController().signal,
      ...io,
    },
    discover,
  )
  return { status, out, err, asked }
}

describe('portolan discover', () => {
  it('prints a table', async () => {
    const { status, out, err } = await run('discover fleet.example --near 52.5,13.4')
    expect(status).toBe(0)
    expect(err).toBe('')
    expect(out).toBe(`\
fleet.example: 2 brokers (_secure-mqtt._tcp.fleet.example; secure; valid for 4 min 59 s)

rank  broker                   port  addresses       km  SASL           security  why
   1  berlin.fleet.example     8883  192.0.2.1      2.2  SCRAM-SHA-256  secure    priority 10; loc: 2.2 km, band 0–200 km
                                     2001:db8::1         EXTERNAL
   2  cape-town.fleet.example  8883  192.0.2.2    9,586  SCRAM-SHA-256  secure    priority 10; loc: 9586 km, band 9400–9600 km
                                                         EXTERNAL

Struck out:
  spare.fleet.example:8883  core/address-bogus: an address of spare.fleet.example cannot be trusted: spare.fleet.example. A: bogus (signature-invalid): forged for the test
`)
  })

  it('wraps the last column where the terminal ends, and colours only a terminal without NO_COLOR', async () => {
    const narrow = await run('discover fleet.example --near 52.5,13.4', FLEET, {
      outIsTerminal: true,
      columns: 120,
      env: { NO_COLOR: '1' },
    })
    expect(narrow.out).not.toContain('\x1b')
    const table = narrow.out.split('\n\n')[1] ?? ''
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
    expect(table).toMatch(/priority 10; loc:.*\n/)
    const coloured = await run('discover fleet.example', FLEET, { outIsTerminal: true, columns: 120 })
    expect(coloured.out).toContain('\x1b[32msecure\x1b[39m')
  })

  it('says in words what is not proved, and withholds the hint', async () => {
    const detail = 'no DS for fleet.example: the zone is not signed'
    const proof = { security: 'insecure', reason: 'no-ds', detail, chain: [] } as const
    const table = {
      [`${SERVICE} SRV`]: { records: [BERLIN], proof },
      [`${SERVICE} TXT`]: { records: [hintRecord(['PLAIN'])], proof },
      'berlin.fleet.example. A': { records: ['192.0.2.1'], proof },
    }
    const { status, out } = await run('discover fleet.example', table)
    expect(status).toBe(0)
    expect(out).toContain('insecure (no-ds)')
    expect(out).toContain('withheld (insecure)')
    expect(out).not.toContain('PLAIN')
    expect(out).toContain(`Not all of this is proved: ${detail}.`)
  })

  it('says where the domain itself stands in, and where an alias leads', async () => {
    const canonicalName = parseName('host.cloud.example')
    const { out } = await run('discover fleet.example', {
      'fleet.example. A': { records: ['192.0.2.9'], canonicalName },
    })
    expect(out).toContain('no SRV records at _secure-mqtt._tcp.fleet.example: the domain itself')
    expect(out).toContain('→ host.cloud.example')
  })

  it('hands its options on', async () => {
    const { asked } = await run(
      'discover fleet.example --near -33.9,18.4 --resolver 192.0.2.53 --resolver [2001:db8::53]:5353 --allow-plaintext --trust-anchor a',
      FLEET,
      { readFile: () => '; the test tree\n. IN DS 1 13 2 ( ab\n cd ) ; key\n' },
    )
    expect(asked).toMatchObject([
      {
        near: { latitude: -33.9, longitude: 18.4 },
        servers: [
          { host: '192.0.2.53', port: 53 },
          { host: '2001:db8::53', port: 5353 },
        ],
        trustAnchors: ['. IN DS 1 13 2 ab cd'],
        allowPlaintext: true,
      },
    ])
  })

  it('tells each decision on standard error with --verbose', async () => {
    const { err, out } = await run('discover fleet.example --verbose')
    expect(err).toContain('srv-answered         _secure-mqtt._tcp.fleet.example SRV: 3 targets [secure]\n')
    expect(err).toContain('vetoed')
    expect(out).toContain('2 brokers')
  })

  it('does not let a server write to the terminal', async () => {
    const table = {
      [`${SERVICE} SRV`]: new LookupError('dns/rcode', 'SERVFAIL \x1b[2J\u202eevil', {
        owner: parseName('x.'),
        type: 'SRV',
      }),
    }
    const { err } = await run('discover fleet.example', table)
    expect(err).not.toContain('\x1b')
    expect(err).not.toContain('\u202e')
    expect(err).toContain('�[2J�evil')
  })
})

describe('portolan discover --json', () => {
  it('prints a report that its schema accepts', async () => {
    const { status, out, err } = await run('discover fleet.example --json --near 52.5,13.4')
    expect([status, err]).toEqual([0, ''])
    const report = reportSchema.parse(JSON.parse(out))
    // Nothing is printed that the schema doesn't know.
    expect(report).toEqual(JSON.parse(out))
    expect(report.brokers.map(({ rank, host }) => [rank, host])).toEqual([
      [1, 'berlin.fleet.example'],
      [2, 'cape-town.fleet.example'],
    ])
    expect(report.brokers[0]).toMatchObject({
      port: 8883,
      tls: true,
      addresses: [
        { family: 4, address: '192.0.2.1', security: 'secure' },
        { family: 6, address: '2001:db8::1', security: 'secure' },
      ],
      security: { state: 'secure', reason: null, detail: null },
      place: { status: 'located', latitude: 52.52, longitude: 13.4 },
      sasl: { status: 'offered', mechanisms: ['SCRAM-SHA-256', 'EXTERNAL'] },
      identity: { referenceNames: ['fleet.example', 'berlin.fleet.example'], requirement: 'pkix' },
    })
    expect(report.struckOut).toMatchObject([{ host: 'spare.fleet.example', port: 8883, code: 'core/address-bogus' }])
    expect(report.expiresAt).toBe('2026-11-22T12:04:59.000Z')
  })

  it('prints a failure that its schema accepts, and the same in words on standard error', async () => {
    const table = { ...FLEET, [`${SERVICE} SRV`]: { records: [srv(0, 0, 'spare')] } }
    const { status, out, err } = await run('discover fleet.example --json', table)
    const failure = failureSchema.parse(JSON.parse(out))
    expect(failure).toEqual(JSON.parse(out))
    expect(failure.error).toMatchObject({ code: 'core/no-usable-candidate', exitStatus: 8 })
    expect(failure.error.struckOut).toMatchObject([{ host: 'spare.fleet.example', code: 'core/address-bogus' }])
    expect(status).toBe(8)
    expect(err).toContain('portolan: none of the brokers')
  })
})

describe('exit status and advice', () => {
  const srvRow = (row: FakeAnswer | Error): Table => ({ [`${SERVICE} SRV`]: row })
  const lookupError = (code: 'dns/network' | 'dns/rcode' | 'dns/alias-loop' | 'dns/malformed', rcode?: string) =>
    new LookupError(code, 'no', { owner: parseName(SERVICE), type: 'SRV', server: '192.0.2.53:53', rcode })

  it.each<[string, Table, number, string, string]>([
    ['no such domain', {}, 3, 'core/no-such-domain', 'Check the spelling'],
    [
      'not offered',
      srvRow({ records: [{ priority: 0, weight: 0, port: 0, target: parseName('.') }] }),
      4,
      'core/service-not-offered',
      'on purpose',
    ],
    [
      'no service',
      { 'fleet.example. A': { absence: 'nodata' }, 'fleet.example. AAAA': { absence: 'nodata' } },
      5,
      'core/no-service',
      `${SERVICE} 3600 IN SRV 10 1 8883 broker.fleet.example.`,
    ],
    ['bogus', srvRow(bogusError(SERVICE, 'SRV')), 6, 'core/service-bogus', 'forges answers'],
    [
      'expired',
      srvRow(bogusError(SERVICE, 'SRV', 'signature-expired')),
      6,
      'core/service-bogus',
      'let the signatures expire',
    ],
    [
      'wrong clock',
      srvRow(bogusError(SERVICE, 'SRV', 'clock-suspect')),
      6,
      'core/service-bogus',
      "this machine's clock",
    ],
    [
      'wrong anchor',
      srvRow(bogusError(SERVICE, 'SRV', 'no-anchor-matches')),
      6,
      'core/service-bogus',
      '--trust-anchor',
    ],
    ['time-out', srvRow(timeoutError(SERVICE, 'SRV')), 7, 'core/service-lookup-failed', '192.0.2.53:53 did not answer'],
    ['no network', srvRow(lookupError('dns/network')), 7, 'core/service-lookup-failed', 'cannot be reached'],
    [
      'SERVFAIL',
      srvRow(lookupError('dns/rcode', 'SERVFAIL')),
      7,
      'core/service-lookup-failed',
      'could not find out (SERVFAIL)',
    ],
    ['REFUSED', srvRow(lookupError('dns/rcode', 'REFUSED')), 7, 'core/service-lookup-failed', 'does not serve you'],
    ['loop', srvRow(lookupError('dns/alias-loop')), 7, 'core/service-lookup-failed', 'in a circle'],
    ['garbage', srvRow(lookupError('dns/malformed')), 7, 'core/service-lookup-failed', '--resolver'],
    [
      'none usable',
      srvRow({ records: [srv(0, 0, 'nowhere')] }),
      8,
      'core/no-usable-candidate',
      'nowhere.fleet.example does not exist',
    ],
  ])('%s', async (_title, table, status, code, advice) => {
    const ran = await run('discover fleet.example', table)
    expect(ran.out).toBe('')
    expect(ran.err).toContain(`[${code}]`)
    expect(ran.err).toContain(advice)
    expect(ran.status).toBe(status)
  })

  it.each([
    ['discover', "missing required argument 'domain'"],
    ['discover fleet.example --nearby 1,2', "unknown option '--nearby'\n(Did you mean --near?)"],
    ['discover fleet.example --near Berlin', 'Expected latitude and longitude'],
    ['discover fleet.example --near 91,0', 'Expected latitude and longitude'],
    ['discover fleet.example --resolver dns.example', 'Expected an address'],
    ['discover fleet.example --resolver 192.0.2.53:70000', 'Expected an address'],
    ['discover fleet.example --resolver 192.0.2', 'Expected an address'],
    ['discover fleet.example --timeout 0', 'Expected milliseconds'],
    ['discover fleet.example another.example', 'too many arguments'],
    ['discover fleet..example', 'is not a domain name: it has an empty label'],
    ['discover fleet.example --trust-anchor empty', 'empty has no DS or DNSKEY record'],
    ['discovr fleet.example', "unknown command 'discovr'\n(Did you mean discover?)"],
  ])('2 for %s', async (args, words) => {
    const { status, err, out } = await run(args)
    expect(err).toContain(words)
    expect(err).toContain('--help')
    expect([status, out]).toEqual([2, ''])
  })

  it('2 for a trust anchor file that cannot be read', async () => {
    const readFile = () => {
      throw new Error('ENOENT: no such file')
    }
    const { status, err } = await run('discover fleet.example --trust-anchor missing.ds', FLEET, { readFile })
    expect(err).toContain('missing.ds cannot be read: ENOENT')
    expect(status).toBe(2)
  })

  it('130 when interrupted, 7 when --timeout is over', async () => {
    const interrupted = AbortSignal.abort(new DOMException('interrupted', 'AbortError'))
    expect((await run('discover fleet.example', FLEET, { signal: interrupted })).status).toBe(130)
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    const { status, err } = await run('discover fleet.example', FLEET, { signal: late })
    expect(err).toContain('--timeout')
    expect(status).toBe(7)
  })

  it('1 for a fault of ours, with the way to report it', async () => {
    const { status, err } = await run('discover fleet.example', { [`${SERVICE} SRV`]: new TypeError('x is undefined') })
    expect(err).toContain('TypeError: x is undefined')
    expect(err).toContain('Please report it')
    expect(status).toBe(1)
  })
})

describe('help', () => {
  it('names every option, examples and every exit status, within 100 columns', async () => {
    const { status, out, err } = await run('discover --help')
    for (const words of [
      '--near <lat,lon>',
      'Examples:',
      'Columns:',
      'Exit status:',
      '  3  no such domain',
      '130  interrupted',
    ]) {
      expect(out).toContain(words)
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect([status, err]).toEqual([0, ''])
  })

  it('comes with status 0 when asked for and 2 when nothing was', async () => {
    expect((await run('--help')).status).toBe(0)
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { status, err } = await run('')
    expect(err).toContain('portolan discover fleet.example')
    expect(status).toBe(2)
  })
})
