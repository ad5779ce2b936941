import { expect, it } from 'vitest'
import { inTurn } from './turns.node.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('does the first piece at once and the others in turns of their own, in order', async () => {
  const done: number[] = []
  for (const piece of [1, 2, 3]) inTurn(() => done.push(piece))
  expect(done).toEqual([1])
  await turn()
  expect(done).toEqual([1, 2])
  await turn()
  expect(done).toEqual([1, 2, 3])
  await turn()
  inTurn(() => done.push(4))
  expect(done).toEqual([1, 2, 3, 4])
})

it('lets microtasks of one piece run before the next', async () => {
  await turn()
  const done: string[] = []
  for (const piece of ['a', 'b', 'c']) {
    inTurn(() => {
      done.push(piece)
      queueMicrotask(() => done.push(`after ${piece}`))
    })
  }
  await turn()
  await turn()
  expect(done).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c'])
})
