/** Our validator, unbound and delv on the same questions about zones of two signers, six algorithms, three kinds of denial. */
import { type Exchange, LookupError, parseName, type RecordType } from '@portolan/core'
import { coalesced, resolver, truncationFallback } from '@portolan/dns'
import { tcp, udp } from '@portolan/dns/node'
import { validated } from '@portolan/dnssec'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithServers } from '../servers.ts'
import { delv, FARM_PROGRAMS, type Farm, run, startFarm, type ZoneSource } from './farm.ts'

const SIGNERS = ['bind', 'ldns'] as const
const ALGORITHMS = ['RSASHA256', 'RSASHA512', 'ECDSAP256SHA256', 'ECDSAP384SHA384', 'ED25519', 'ED448'] as const
const DENIALS = ['nsec', 'nsec3', 'nsec3-optout'] as const

interface Question {
  readonly name: string
  readonly type: string
  readonly signer: string
  readonly algorithm: string
  readonly denial: string
  readonly kind: string
}

/** What is asked of every zone: a kind, a name below the apex, a type. */
const KINDS: readonly (readonly [kind: string, below: string, type: string])[] = [
  ['existing', 'host', 'A'],
  ['existing', 'host', 'AAAA'],
  ['existing', '', 'SOA'],
  ['existing', '', 'DNSKEY'],
  ['absent type', 'host', 'MX'],
  ['absent type', 'b.ent', 'A'],
  ['absent type', '', 'MX'],
  ['absent name', 'nope', 'A'],
  ['absent name', 'x.y.nope', 'A'],
  ['wildcard', 'q.wild', 'A'],
  ['wildcard', 'r.q.wild', 'TXT'],
  ['wildcard, absent type', 'q.wild', 'MX'],
  ['empty non-terminal', 'ent', 'A'],
  ['empty wildcard', 'nx.went', 'A'],
  ['empty wildcard', '*.went', 'TXT'],
  ['alias', 'alias', 'A'],
  ['alias', 'alias', 'MX'],
  ['alias', 'far', 'A'],
  ['alias', 'gone', 'A'],
  ['alias', 'a.old', 'A'],
  ['alias', 'zz.old', 'A'],
  ['below a cut', 'host.insec', 'A'],
  ['below a cut', 'nope.insec', 'A'],
  ['below a cut', 'insec', 'DS'],
  ['below a cut', 'toinsec', 'A'],
]

const RECORDS = [
  'host A 192.0.2.1',
  'host AAAA 2001:db8::1',
  'host TXT "present"',
  '*.wild A 192.0.2.2',
  '*.wild TXT "expanded"',
  'a.b.ent A 192.0.2.3',
  'z.*.went TXT "below a wildcard"',
  'alias CNAME host',
  'far CNAME host.other.test.',
  'gone CNAME nothing',
  'old DNAME new',
  'a.new A 192.0.2.4',
  'toinsec CNAME host.insec',
].join('\n')

const CHILD = 'host A 192.0.2.9'

const combinations = SIGNERS.flatMap((signer) =>
  ALGORITHMS.flatMap((algorithm) => DENIALS.map((denial) => ({ signer, algorithm, denial }))),
)
const originOf = (i: number) => `z${i}.test.`

const signedZones: readonly ZoneSource[] = combinations.flatMap(({ signer, algorithm, denial }, i) => {
  const bits = algorithm.startsWith('RSA') ? { bits: 2048 } : {}
  return [
    { origin: originOf(i), records: RECORDS, signer, algorithm, denial, ...bits },
    { origin: `insec.${originOf(i)}`, records: CHILD, signer: 'unsigned' as const },
  ]
})

/** Zones that every validator must refuse, or take for what they are. */
const brokenZones: readonly ZoneSource[] = [
  { origin: 'forged.test.', records: RECORDS, tamper: (text) => text.replaceAll('192.0.2.1\n', '192.0.2.66\n') },
  { origin: 'expired.test.', records: RECORDS, validDays: [-30, -10] },
  { origin: 'future.test.', records: RECORDS, validDays: [10, 30] },
  { origin: 'stripped.test.', records: RECORDS, tamper: (text) => withoutSignatures(text) },
  { origin: 'nochain.test.', records: RECORDS, tamper: (text) => withoutDenial(text) },
]

const questions: readonly Question[] = [
  ...combinations.flatMap((combination, i) =>
    KINDS.map(([kind, below, type]) => ({
      ...combination,
      kind,
      type,
      name: `${below === '' ? '' : `${below}.`}${originOf(i)}`,
    })),
  ),
  ...brokenZones.flatMap(({ origin }) =>
    KINDS.filter(([kind]) => kind !== 'below a cut').map(([, below, type]) => ({
      signer: 'bind',
      algorithm: 'ECDSAP256SHA256',
      denial: 'nsec',
      kind: 'broken',
      type,
      name: `${below === '' ? '' : `${below}.`}${origin}`,
    })),
  ),
]

/** Single-line records, as `dnssec-signzone` writes continuation lines in parentheses. */
function withoutSignatures(text: string): string {
  return text.replaceAll(/^[^\n;]*\bRRSIG\b[^(\n]*\([^)]*\)\s*\n/gm, '')
}

function withoutDenial(text: string): string {
  return text.replaceAll(/^[^\n;]*\bRRSIG\s+NSEC\b[^(\n]*\([^)]*\)\s*\n/gm, '').replaceAll(/^\s+\d+\s+NSEC\b.*\n/gm, '')
}

const CODES: Readonly<Record<string, number>> = { A: 1, SOA: 6, MX: 15, TXT: 16, AAAA: 28, DS: 43, DNSKEY: 48 }

function opaque(mnemonic: string): RecordType<Uint8Array> {
  return { mnemonic, code: CODES[mnemonic] ?? 0, decode: (rdata) => rdata, encode: (rdata) => rdata }
}

describeWithServers(
  'DNSSEC verdicts beside unbound and delv',
  [...FARM_PROGRAMS, 'ldns-signzone', 'delv', 'kdig'],
  () => {
    let farm: Farm
    let transport: Exchange

    beforeAll(async () => {
      farm = await startFarm([
        { origin: '.', records: '' },
        { origin: 'test.', records: '' },
        { origin: 'other.test.', records: RECORDS },
        ...signedZones,
        ...brokenZones,
      ])
      const server = farm.resolver
      transport = truncationFallback(udp({ server }), tcp({ server }))
    }, 180_000)

    afterAll(() => farm.stop())

    async function ours(name: string, type: string): Promise<string> {
      // A validator that knows nothing yet, for each question.
      const lookup = resolver(validated(coalesced(transport), { trustAnchors: farm.trustAnchors }), { now: Date.now })
      try {
        return (await lookup(parseName(name), opaque(type))).proof.security
      } catch (error) {
        if (error instanceof LookupError)
          return error.security === 'bogus' ? 'bogus' : `${error.code} (${error.message})`
        throw error
      }
    }

    async function unbounds(name: string, type: string): Promise<string> {
      const output = await run('kdig', [
        '@127.0.0.1',
        '-p',
        String(farm.resolver.port),
        '+dnssec',
        '+noall',
        '+header',
        name,
        type,
      ])
      if (/status: SERVFAIL/.test(output)) return 'bogus'
      return /Flags:[^;]* ad[ ;]/.test(output) ? 'secure' : 'insecure'
    }

    it('agrees with unbound on every question, and with delv but for opt-out', async () => {
      const differences: string[] = []
      const delvDifferences: string[] = []
      const counts = new Map<string, number>()
      const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
      await inParallel(questions, 8, async ({ name, type, signer, algorithm, denial, kind }) => {
        const [our, unbound, { verdict }] = await Promise.all([
          ours(name, type),
          unbounds(name, type),
          delv(farm, name, type),
        ])
        if (our !== unbound)
          differences.push(`${name} ${type} (${kind}): ours ${our}, unbound ${unbound}, delv ${verdict}`)
        else
          for (const key of [
            `signer ${signer}`,
            `algorithm ${algorithm}`,
            `denial ${denial}`,
            `verdict ${our}`,
            `kind ${kind}`,
          ])
            count(key)
        if (our !== verdict) delvDifferences.push(`${name} ${type} (${denial}, ${kind}): ours ${our}, delv ${verdict}`)
      })
      const table = [...counts].sort().map(([key, n]) => `  ${key.padEnd(36)} ${n}`)
      console.log(`${questions.length} questions, ${questions.length - differences.length} agree with unbound,`)
      console.log(`${questions.length - delvDifferences.length} with delv\n${table.join('\n')}`)
      if (delvDifferences.length > 0) console.log(`delv differs:\n  ${delvDifferences.join('\n  ')}`)
      expect(differences).toEqual([])
      expect(questions.length).toBeGreaterThanOrEqual(500)
      for (const [key, n] of counts) expect(n, key).toBeGreaterThanOrEqual(20)
      for (const verdict of ['secure', 'insecure', 'bogus'])
        expect(counts.get(`verdict ${verdict}`)).toBeGreaterThanOrEqual(20)
      // delv shows the denial of a name under an opt-out span as validated; RFC 5155 §9.2 lets nobody call it secure.
      expect(delvDifferences.filter((line) => !line.includes('nsec3-optout'))).toEqual([])
    }, 600_000)
  },
)

async function inParallel<T>(items: readonly T[], width: number, task: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of queue) await task(item)
    }),
  )
}
