/** The vectors once more with WebCrypto, as in a browser: every verdict as in Node, but where only Ed448 could prove it. */
import { fileURLToPath } from 'node:url'
import { canonicalRdata, parseName, typeText } from '@portolan/core'
import { readReply } from '@portolan/dns'
import { validated } from '@portolan/dnssec'
import { expect, it, vi } from 'vitest'
import { readCorpus } from './dnssec-corpus.mjs'
import { judgeWorld } from './dnssec-world.mjs'

vi.mock('../../packages/dnssec/src/crypto.node.ts', () => import('../../packages/dnssec/src/crypto.ts'))

const packages = { parseName, typeText, readReply, validated, canonicalRdata }
const { scored } = readCorpus(fileURLToPath(new URL('../vectors/dnssec', import.meta.url)))

it('judges alike without node:crypto', { timeout: 240_000 }, async () => {
  const differing = new Map<string, number>()
  for (const { world, expect: wanted } of scored) {
    const { security, reason } = await judgeWorld(world, packages)
    if (security === wanted.security) continue
    const how = `${security} ${reason}, not ${wanted.security}`
    differing.set(how, (differing.get(how) ?? 0) + 1)
  }
  expect(differing).toEqual(
    new Map([
      // As in Node: dnssec.test.ts.
      ['bogus dnskey-missing, not insecure', 2],
      ['insecure unsupported-algorithm, not bogus', 34],
      ['insecure unsupported-algorithm, not secure', 46],
      // An alias in the Ed448 zone whose target is in an unsigned one: two reasons, and the target's is said.
      ['insecure no-ds, not bogus', 3],
    ]),
  )
})
