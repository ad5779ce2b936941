import { discover } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { expectTypeOf, test } from 'vitest'
import { type HintWithheld, type TxtFact, txt } from './index.ts'

test('a candidate carries what this plugin learnt, by its name', async () => {
  const [first] = await discover('fleet.test', { lookup: fakeLookup({}), plugins: [txt()] })
  if (first === undefined) return
  expectTypeOf(first.facts.txt).toEqualTypeOf<TxtFact>()
  // @ts-expect-error mechanisms are there only where they are offered
  first.facts.txt.mechanisms
  // @ts-expect-error that plugin was not given
  first.facts.loc
})

test('a withheld hint has no place for mechanisms', () => {
  expectTypeOf<keyof HintWithheld>().toEqualTypeOf<'status' | 'reason' | 'detail'>()
})
