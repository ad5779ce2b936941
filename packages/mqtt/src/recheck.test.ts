import { type Plugin, Veto } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { expect, it } from 'vitest'
import { recheck } from './recheck.ts'
import { rejection } from './testing/harness.ts'
import { candidate, failure } from './testing/plan.ts'

const never = new AbortController().signal
const lookup = fakeLookup({})
const of = candidate({ facts: { a: 'old a', b: 'old b' } })
const refusedBy = (name: string) => [failure(of, 'mqtt/tls-refused', { refusedBy: name })]
const plugin = (name: string, again: (fact: unknown) => Promise<unknown>): Plugin => ({
  name,
  inspect: async () => undefined,
  recheck: again,
})

it('gives the candidate what the plugin learnt, and leaves the others and the old one alone', async () => {
  const renewed = await recheck(of, refusedBy('a'), [plugin('a', async () => 'new a')], lookup, never)
  expect(renewed?.facts).toEqual({ a: 'new a', b: 'old b' })
  expect(of.facts).toEqual({ a: 'old a', b: 'old b' })
})

it('gives nothing where the fact is the same', async () => {
  expect(await recheck(of, refusedBy('a'), [plugin('a', async (fact) => fact)], lookup, never)).toBeUndefined()
})

it('asks only the plugin that refused', async () => {
  const asked: string[] = []
  const plugins = ['a', 'b'].map((name) => plugin(name, async () => asked.push(name)))
  await recheck(of, refusedBy('b'), plugins, lookup, never)
  await recheck(of, refusedBy('pkix'), plugins, lookup, never)
  expect(asked).toEqual(['b'])
})

it.each([
  ['a veto', new Veto('a/gone', 'gone')],
  ['a bug', new TypeError('a bug')],
])('lets the refusal stand after %s', async (_, error) => {
  expect(await recheck(of, refusedBy('a'), [plugin('a', () => Promise.reject(error))], lookup, never)).toBeUndefined()
})

it('rejects with the reason of the signal, whatever the plugin does', async () => {
  const stop = new AbortController()
  const asking = recheck(of, refusedBy('a'), [plugin('a', () => new Promise(() => {}))], lookup, stop.signal)
  stop.abort(new Error('enough'))
  expect((await rejection(asking)).message).toBe('enough')
})
