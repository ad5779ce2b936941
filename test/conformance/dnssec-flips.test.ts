/** No single bit of what a secure answer rests on can be flipped without its being noticed. */
import { fileURLToPath } from 'node:url'
import { canonicalRdata, parseName, type RawRecord, type Reply, type Rrset, typeText } from '@portolan/core'
import { readReply } from '@portolan/dns'
import { validated } from '@portolan/dnssec'
import { RRSIG } from '@portolan/dnssec/records'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Case, readCorpus } from './dnssec-corpus.mjs'
import { judgeWorld } from './dnssec-world.mjs'

const packages = { parseName, typeText, readReply, validated, canonicalRdata }
const { scored } = readCorpus(fileURLToPath(new URL('../vectors/dnssec', import.meta.url)))

const [DS, DNSKEY, SOA, NSEC, NSEC3] = [43, 48, 6, 47, 50]
const FLIPS = 3_000

/** Whether one signature is all that holds the set: where there are two, one may be spoilt (RFC 4035 §5.3.3). */
function isHeldByOne({ records, signatures }: Rrset): boolean {
  return records.length > 0 && signatures.length === 1
}

/** What the verdict rests on for certain: the answer, its denial where it is negative, and the DS and DNSKEY on the way. */
function loadBearing(reply: Reply, one: Case): readonly Rrset[] {
  const isMain = reply.query.name === one.world.question.name && typeText(reply.query.type) === one.world.question.type
  if (!isMain) return reply.answer.filter(({ type }) => type === DS || type === DNSKEY)
  return reply.answer.length > 0
    ? reply.answer
    : reply.authority.filter(({ type }) => type === SOA || type === NSEC || type === NSEC3)
}

interface Target {
  readonly one: Case
  readonly key: string
  readonly rrset: Rrset
  readonly record: RawRecord
}

/** Every record that may be flipped in a secure case of the generated world. */
async function targetsOf(one: Case): Promise<readonly Target[]> {
  const found = new Map<string, Target>()
  const tamper = (reply: Reply): Reply => {
    const sets = loadBearing(reply, one).filter(({ owner, type }) => type !== DS || reply.query.name === owner)
    for (const rrset of sets.filter(isHeldByOne)) {
      for (const record of [...rrset.records, ...rrset.signatures]) {
        const key = `${reply.query.name} ${reply.query.type}`
        found.set(`${key} ${rrset.owner} ${record.type} ${record.rdata.join()}`, { one, key, rrset, record })
      }
    }
    return reply
  }
  const { security } = await judgeWorld(one.world, packages, { tamper })
  expect(security).toBe('secure')
  return [...found.values()].filter(({ record, key }) => isUsed(record, key, one))
}

/** Speculative questions are answered too; only those for zones above the question count, and each zone here is on the way. */
function isUsed(record: RawRecord, key: string, { world }: Case): boolean {
  const zone = key.split(' ')[0] ?? ''
  return record.rdata.length > 0 && `.${world.question.name}`.endsWith(zone === '.' ? '.' : `.${zone}`)
}

function flipped(record: RawRecord, bit: number): RawRecord {
  const rdata = record.rdata.slice()
  rdata[bit >> 3] = (rdata[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
  return { ...record, rdata }
}

/** Letters of names that canonical form lowers may change their case: that is the same record (RFC 4034 §6.2). */
function isSameRecord(a: RawRecord, b: RawRecord): boolean {
  return String(canonicalRdata(a.type, a.rdata)) === String(canonicalRdata(b.type, b.rdata))
}

function replaced(reply: Reply, { key, rrset, record }: Target, by: RawRecord): Reply {
  if (`${reply.query.name} ${reply.query.type}` !== key) return reply
  const inRecord = (one: RawRecord) =>
    one.type === record.type && String(one.rdata) === String(record.rdata) ? by : one
  const inSet = (one: Rrset) =>
    one.owner === rrset.owner && one.type === rrset.type
      ? { ...one, records: one.records.map(inRecord), signatures: one.signatures.map(inRecord) }
      : one
  return { ...reply, answer: reply.answer.map(inSet), authority: reply.authority.map(inSet) }
}

it(`notices each of ${FLIPS} flipped bits`, { timeout: 240_000 }, async () => {
  const cases = scored.filter(({ tags, expect: wanted }) => {
    return tags.includes('base') && wanted.security === 'secure' && !tags.includes('cname') && !tags.includes('dname')
  })
  const chosen = cases.filter((_, index) => index % 4 === 0)
  const targets: Target[] = []
  for (const one of chosen) targets.push(...(await targetsOf(one)))
  const kinds = new Set(targets.map(({ record }) => typeText(record.type)))
  for (const type of ['RRSIG', 'DNSKEY', 'DS', 'A', 'SRV', 'TLSA', 'NSEC', 'NSEC3']) expect(kinds).toContain(type)
  let flips = 0
  await fc.assert(
    fc.asyncProperty(
      fc.nat(targets.length - 1),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (index, at) => {
        const target = targets[index]
        if (target === undefined) throw new Error('no such record')
        const by = flipped(target.record, Math.floor(at * target.record.rdata.length * 8))
        fc.pre(!isSameRecord(by, target.record))
        flips++
        const tamper = (reply: Reply) => replaced(reply, target, by)
        const verdict = await judgeWorld(target.one.world, packages, { tamper })
        if (verdict.security === 'secure') throw new Error(`still secure: ${describeFlip(target, by)}`)
      },
    ),
    { numRuns: FLIPS, seed: 20_261_122 },
  )
  expect(flips).toBeGreaterThanOrEqual(FLIPS)
})

function describeFlip({ one, key, rrset, record }: Target, by: RawRecord): string {
  const fields = record.type === RRSIG.code ? JSON.stringify([RRSIG.decode(record.rdata), RRSIG.decode(by.rdata)]) : ''
  return `${one.id} ${key} ${rrset.owner} ${typeText(record.type)} ${fields}`
}
