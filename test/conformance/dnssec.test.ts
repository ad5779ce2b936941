/** The validator against unbound's and delv's verdicts on every vector. */
import { fileURLToPath } from 'node:url'
import { canonicalRdata, parseName, typeText } from '@portolan/core'
import { readReply } from '@portolan/dns'
import { validated } from '@portolan/dnssec'
import { describe, expect, it } from 'vitest'
import { type Case, readCorpus } from './dnssec-corpus.mjs'
import { judgeWorld, type Verdict } from './dnssec-world.mjs'

const packages = { parseName, typeText, readReply, validated, canonicalRdata }
const corpus = readCorpus(fileURLToPath(new URL('../vectors/dnssec', import.meta.url)))

/**
 * Where the vectors' verdict is wrong (docs/decisions/dnssec-disputed.md). An anchor's DNSKEY is denied by a zone above it,
 * which no anchor covers; unbound takes that zone's unprovable word and says insecure. RFC 4035 §4.3 has bogus for what ought
 * to be provable and is not: else whoever strips an island of security makes it insecure.
 */
const JUDGE_IS_WRONG: ReadonlyMap<string, string> = new Map([
  ['deckard/val_anchor_nx_nosig~resigned', 'dnskey-missing'],
  ['unbound/val_anchor_nx_nosig~resigned', 'dnskey-missing'],
])

async function judgeAll(cases: readonly Case[]): Promise<readonly { readonly one: Case; readonly verdict: Verdict }[]> {
  const judged: { one: Case; verdict: Verdict }[] = []
  for (const one of cases) judged.push({ one, verdict: await judgeWorld(one.world, packages) })
  return judged
}

function agrees({ one: { expect: wanted }, verdict }: { readonly one: Case; readonly verdict: Verdict }): boolean {
  return verdict.security === wanted.security && (wanted.security === 'bogus' || verdict.rcode === wanted.rcode)
}

describe('DNSSEC vectors', () => {
  it('agrees on every scored case, but for those where the vectors are wrong', { timeout: 240_000 }, async () => {
    const judged = await judgeAll(corpus.scored)
    const differing = judged.filter((one) => !agrees(one))
    expect(new Map(differing.map(({ one, verdict }) => [one.id, verdict.reason]))).toEqual(JUDGE_IS_WRONG)
    expect(judged).toHaveLength(1652)
    const count = (security: string) => judged.filter(({ one }) => one.expect.security === security).length
    expect([count('bogus'), count('insecure'), count('secure')]).toEqual([739, 220, 693])
  })

  it('mends no answer wrongly', { timeout: 60_000 }, async () => {
    const judged = await judgeAll(corpus.repaired)
    const wrong = judged.filter(({ one, verdict }) => {
      if (verdict.security === 'bogus') return false
      return verdict.security !== one.expect.security || JSON.stringify(verdict.answer) !== JSON.stringify(one.answer)
    })
    expect(wrong.map(({ one }) => one.id)).toEqual([])
    expect(judged).toHaveLength(24)
  })

  it('follows every recommendation on disputed cases', { timeout: 60_000 }, async () => {
    const judged = await judgeAll(corpus.disputed)
    const against = judged.filter(({ one, verdict }) => one.recommend !== null && verdict.security !== one.recommend)
    expect(against.map(({ one, verdict }) => `${one.id}: ${verdict.security}`)).toEqual([])
    expect(judged).toHaveLength(148)
  })
})
