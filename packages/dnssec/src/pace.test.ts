import { expect, it } from 'vitest'
import { pace } from './pace.ts'

it('does a millisecond of pieces in a turn of the event loop, then lets others in', async () => {
  let atMs = 0
  const { next } = pace(() => atMs)
  const turnOf: number[] = []
  let turn = 0
  const count = () => {
    turn++
    if (turnOf.length < 6) setImmediate(count)
  }
  setImmediate(count)
  const piece = async (costMs: number) => {
    await next()
    turnOf.push(turn)
    atMs += costMs
  }
  await Promise.all([0.5, 0.5, 0.2, 0.2, 2, 0.1].map(piece))
  const [first = 0] = turnOf
  expect(turnOf.map((at) => at - first)).toEqual([0, 0, 1, 1, 1, 2])
})

it('begins with nothing while something that is under way waits', async () => {
  const { begin, next } = pace(() => 0)
  const done: string[] = []
  const question = async (name: string) => {
    await begin()
    done.push(`${name} begins`)
    await next()
    done.push(`${name} goes on`)
    await next()
    done.push(`${name} ends`)
  }
  await Promise.all(['a', 'b'].map(question))
  expect(done).toEqual(['a begins', 'a goes on', 'a ends', 'b begins', 'b goes on', 'b ends'])
})
