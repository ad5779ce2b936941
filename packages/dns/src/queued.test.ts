import { type Exchange, InvalidOptionError, type Name, parseName, type Reply } from '@portolan/core'
import { expect, it } from 'vitest'
import { queued } from './queued.ts'

const name = (i: number): Name => parseName(`b${i}.test`)

/** Answers when told to. */
function heldServer() {
  const asked: Name[] = []
  const answers: (() => void)[] = []
  const exchange: Exchange = (query) => {
    asked.push(query.name)
    return new Promise((resolve) => {
      answers.push(() => resolve({ query } as Reply))
    })
  }
  return { exchange, asked, answers }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

it('hands on no more than maxInFlight questions, the next when one has ended, in their order', async () => {
  const { exchange, asked, answers } = heldServer()
  const ask = queued(exchange, { maxInFlight: 2 })
  const all = [0, 1, 2, 3].map((i) => ask({ name: name(i), type: 1 }))
  await settle()
  expect(asked).toEqual([name(0), name(1)])
  answers[0]?.()
  await settle()
  expect(asked).toEqual([name(0), name(1), name(2)])
  answers[1]?.()
  answers[2]?.()
  await settle()
  answers[3]?.()
  await Promise.all(all)
  expect(asked).toHaveLength(4)
})

it('lets who waits in line leave, with the reason, without a question', async () => {
  const { exchange, asked, answers } = heldServer()
  const ask = queued(exchange, { maxInFlight: 1 })
  const first = ask({ name: name(0), type: 1 })
  const stop = new AbortController()
  const second = ask({ name: name(1), type: 1 }, { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(second).rejects.toThrow('enough')
  answers[0]?.()
  await first
  expect(asked).toEqual([name(0)])
})

it('frees the place of a question that failed', async () => {
  const ask = queued(() => Promise.reject(new Error('down')), { maxInFlight: 1 })
  await expect(ask({ name: name(0), type: 1 })).rejects.toThrow('down')
  await expect(ask({ name: name(1), type: 1 })).rejects.toThrow('down')
})

it('refuses limits out of range', () => {
  expect(() => queued(heldServer().exchange, { maxInFlight: 0 })).toThrow(InvalidOptionError)
})
