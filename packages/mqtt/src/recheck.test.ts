import { type Plugin, Veto } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { expect, it } from 'vitest'
import { recheck } from './recheck.ts'
import { rejection } from './testing/harness.ts'
import { candidate, failure } from './testing/plan.ts'

const context = { lookup: fakeLookup({}), signal: new AbortController().signal, random: Math.random }
const of = candidate({ facts: { a: 'old a', b: 'old b' } })
const refusedBy = (name: string) => [failure(of, 'mqtt/tls-refused', { refusedBy: name })]
const plugin = (name: string, again: (fact: unknown) => Promise<unknown>): Plugin => ({
  name,
  inspect: async () => undefined,
  recheck: again,
})

it('gives the candidate what the plugin learnt, and leaves the others and the old one alone', async () => {
  const renewed = await recheck(of, refusedBy('a'), [plugin('a', async () => 'new a')], context)
  expect(renewed?.facts).toEqual({ a: 'new a', b: 'old b' })
  expect(of.facts).toEqual({ a: 'old a', b: 'old b' })
})

it('gives nothing where the fact is the same', async () => {
  expect(await recheck(of, refusedBy('a'), [plugin('a', async (fact) => fact)], context)).toBeUndefined()
})

it('asks only the plugin that refused', async () => {
  const asked: string[] = []
  const plugins = ['a', 'b'].map((name) => plugin(name, async () => asked.push(name)))
  await recheck(of, refusedBy('b'), plugins, context)
  await recheck(of, refusedBy('pkix'), plugins, context)
  expect(asked).toEqual(['b'])
})

it.each([
  ['a veto', new Veto('a/gone', 'gone')],
  ['a bug', new TypeError('a bug')],
])('lets the refusal stand after %s', async (_, error) => {
  expect(await recheck(of, refusedBy('a'), [plugin('a', () => Promise.reject(error))], context)).toBeUndefined()
})

it('rejects with the reason of the signal, whatever the plugin does', async () => {
  const stop = new AbortController()
  const asking = recheck(of, refusedBy('a'), [plugin('a', () => new Promise(() => {}))], {
    ...context,
    signal: stop.signal,
  })
  stop.abort(new Error('enough'))
  expect((await rejection(asking)).message).toBe('enough')
})
