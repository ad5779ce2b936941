/** Verdicts on certificate chains beside those of OpenSSL and x509-limbo: the whole corpus of test/vectors/dane. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type DaneVector, verify } from './dane-adapter.mjs'

const vectors = ['openssl', 'generated', 'limbo'].flatMap((file): readonly DaneVector[] => {
  const path = new URL(`../vectors/dane/${file}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')).cases
})

/** Which way we go where legitimate verifiers differ; docs/decisions/dane-disputed.md says why. */
const DISPUTED = JSON.parse(readFileSync(new URL('./dane-disputed.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, 'accept' | 'refuse'>
>

describe('DANE and PKIX verdicts (RFC 6698, RFC 7671, RFC 7673, RFC 5280, RFC 9525)', () => {
  const required = vectors.filter(({ disputed }) => disputed === null)
  const sources = [...new Set(required.map(({ source }) => source))]

  it('has the corpus at hand', () => expect(required.length).toBe(873))

  it.each(sources)('%s: verdict and match depth of every undisputed case', async (source) => {
    const wrong: string[] = []
    for (const vector of required.filter((each) => each.source === source)) {
      const { ok, matchDepth, reason } = await verify(vector)
      const depth = vector.expect.ok ? vector.expect.matchDepth : null
      if (ok !== vector.expect.ok || matchDepth !== depth) wrong.push(`${vector.id}: ${ok} ${matchDepth} (${reason})`)
    }
    expect(wrong).toEqual([])
  })

  it('goes the documented way where OpenSSL and the RFCs differ', async () => {
    const ways: Record<string, string> = {}
    for (const vector of vectors.filter(({ disputed }) => disputed !== null)) {
      ways[vector.id] = (await verify(vector)).ok ? 'accept' : 'refuse'
    }
    expect(ways).toEqual(DISPUTED)
  })

  it('answers a hostile case with a refusal, never a throw', async () => {
    const [vector] = required.filter(({ expect: wanted, tlsa }) => wanted.ok && tlsa.length > 0)
    if (vector === undefined) throw new Error('no vector')
    for (const chain of [[], [''], ['AAAA'], ['MIAAAA=='], ['MIIFAAAA', ...vector.chain]]) {
      expect(await verify({ ...vector, chain })).toMatchObject({ ok: false, matchDepth: null })
    }
  })
})
