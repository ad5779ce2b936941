import { expectTypeOf, test } from 'vitest'
import type { Lookup } from './answer.ts'
import { discover } from './discover.ts'
import type { Plugin } from './plugin.ts'
import type { Proof, Usable } from './proof.ts'

declare const lookup: Lookup
declare const near: Plugin<'loc', { readonly distanceMetres: number }, string>
declare const hints: Plugin<'txt', { readonly status: 'withheld' | 'offered' }>

test('facts are typed by the literal names of the plugins given', async () => {
  const { candidates } = await discover('fleet.example', { lookup, plugins: [near, hints] })
  const [first] = candidates
  expectTypeOf(first?.facts.loc.distanceMetres).toEqualTypeOf<number | undefined>()
  expectTypeOf(first?.facts.txt.status).toEqualTypeOf<'withheld' | 'offered' | undefined>()
})

test('a plugin that was not given is not there', async () => {
  const { candidates } = await discover('fleet.example', { lookup, plugins: [near] })
  // @ts-expect-error: txt was not given
  candidates[0]?.facts.txt
  const bare = await discover('fleet.example', { lookup })
  // @ts-expect-error: no plugin was given
  bare.candidates[0]?.facts.loc
})

test('a bogus proof is not usable', () => {
  expectTypeOf<Extract<Proof, { security: 'bogus' }>>().not.toExtend<Usable>()
  expectTypeOf<Usable['security']>().toEqualTypeOf<'secure' | 'insecure' | 'indeterminate'>()
})
