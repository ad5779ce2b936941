/** A short run of the fuzzer over the sources; the long one is a command of its own. */
import { fileURLToPath } from 'node:url'
import { canonicalRdata, isPortolanError, parseName, typeText } from '@portolan/core'
import { readReply } from '@portolan/dns'
import { validated } from '@portolan/dnssec'
import { expect, it } from 'vitest'
import { fuzz } from './dnssec-fuzz.mjs'

it('ends each of 2,000 mutated replies in a verdict or an error of ours', { timeout: 120_000 }, async () => {
  const { mutated, faults, verdicts } = await fuzz({
    count: 2_000,
    seed: 20_261_122,
    directory: fileURLToPath(new URL('../vectors/dnssec', import.meta.url)),
    packages: { parseName, typeText, readReply, validated, canonicalRdata },
    isOurs: isPortolanError,
  })
  expect(faults).toEqual([])
  expect(mutated).toBeGreaterThanOrEqual(2_000)
  expect(Object.keys(verdicts)).toEqual(expect.arrayContaining(['bogus', 'error']))
})
