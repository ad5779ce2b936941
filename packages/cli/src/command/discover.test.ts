import { stripVTControlCharacters } from 'node:util'
import { LookupError, parseName } from '@portolan/core'
import { hintRecord } from '@portolan/txt'
import { describe, expect, it } from 'vitest'
import { failureSchema, reportSchema } from '../report/schema.ts'
import type { CommandIo } from './io.ts'
import { BERLIN, FLEET, run, SERVICE, srv } from './testing/run.ts'

describe('portolan discover', () => {
  it('prints a table', async () => {
    const { status, out, err } = await run('discover fleet.example --near 52.5,13.4')
    expect(status).toBe(0)
    expect(err).toBe('')
    expect(out).toBe(`\
fleet.example: 2 brokers (_secure-mqtt._tcp.fleet.example; secure; valid for 4 min 59 s)

rank  broker                   port  addresses       km  SASL           DANE             security  why
   1  berlin.fleet.example     8883  192.0.2.1      2.2  SCRAM-SHA-256  3 1 1 abababab…  secure    priority 10; loc: 2.2 km, band 0–200 km
                                     2001:db8::1         EXTERNAL
   2  cape-town.fleet.example  8883  192.0.2.2    9,586  SCRAM-SHA-256  none             secure    priority 10; loc: 9586 km, band 9400–9600 km
                                                         EXTERNAL

Struck out:
  spare.fleet.example:8883  core/address-bogus: an address of spare.fleet.example cannot be trusted: spare.fleet.example. A: bogus (signature-invalid): forged for the test
`)
  })

  it('wraps the last column where the terminal ends, and writes blocks where that leaves too little', async () => {
    const at = async (columns: number) => {
      const { out } = await run('discover fleet.example --near 52.5,13.4', FLEET, { outIsTerminal: true, columns })
      return stripVTControlCharacters(out).split('\n\n').slice(1).join('\n\n')
    }
    const [table = ''] = (await at(128)).split('\n\n')
    expect(table).toMatch(/ priority 10; loc: 2\.2 km,\n/)
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(128)
    expect(await at(80)).toContain(`\
1. berlin.fleet.example 8883
   addresses  192.0.2.1 2001:db8::1
   km         2.2
   SASL       SCRAM-SHA-256 EXTERNAL
   DANE       3 1 1 abababab…
   security   secure
   why        priority 10; loc: 2.2 km, band 0–200 km

2. cape-town`)
  })

  it('colours only a terminal, and not where NO_COLOR is set', async () => {
    const out = async (io: Partial<CommandIo>) => (await run('discover fleet.example', FLEET, io)).out
    expect(await out({ outIsTerminal: true, columns: 140 })).toContain('\x1b[32msecure\x1b[39m')
    expect(await out({ outIsTerminal: true, columns: 140, env: { NO_COLOR: '1' } })).not.toContain('\x1b')
    expect(await out({ outIsTerminal: false })).not.toContain('\x1b')
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
      {},
      { a: '; the test tree\n// mine\n. IN DS 1 13 2 ( ab\n cd ) ; key\n. IN DNSKEY 257 3 8 Aw// EAAa\n' },
    )
    expect(asked).toMatchObject([
      {
        near: { latitude: -33.9, longitude: 18.4 },
        servers: [
          { host: '192.0.2.53', port: 53 },
          { host: '2001:db8::53', port: 5353 },
        ],
        trustAnchors: ['. IN DS 1 13 2 ab cd', '. IN DNSKEY 257 3 8 Aw// EAAa'],
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
      dane: { state: 'secure-present', owner: '_8883._tcp.berlin.fleet.example', usable: 1, detail: null },
      identity: { referenceNames: ['berlin.fleet.example', 'fleet.example'], requirement: 'dane' },
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
    expect(err).toContain('portolan: the only broker')
  })
})
