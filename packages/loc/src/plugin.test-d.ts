import { discover } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { expectTypeOf, test } from 'vitest'
import { type LocFact, loc } from './index.ts'

test('a candidate carries what this plugin learnt, by its name', async () => {
  const [first] = await discover('fleet.test', {
    lookup: fakeLookup({}),
    plugins: [loc({ near: { latitude: 0, longitude: 0 } })],
  })
  if (first === undefined) return
  expectTypeOf(first.facts.loc).toEqualTypeOf<LocFact>()
  if (first.facts.loc.status === 'located') expectTypeOf(first.facts.loc.distanceMetres).toBeNumber()
  // @ts-expect-error no distance where the place is not known
  first.facts.loc.distanceMetres
  // @ts-expect-error that plugin was not given
  first.facts.txt
})
