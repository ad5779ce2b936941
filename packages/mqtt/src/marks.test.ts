import { expect, it } from 'vitest'
import { type Mark, markAt, marked } from './marks.ts'

const hard: Mark = { effect: 'leave', sinceMs: 0, untilMs: 1_000 }
const soft: Mark = { effect: 'next', sinceMs: 500, untilMs: 600 }

it('a weaker mark does not shorten a stronger one', () => {
  expect(markAt(marked(marked(new Map(), ['a'], hard, 0), ['a'], soft, 500), 'a', 700)).toBe(hard)
})

it('a stronger mark takes the place of a weaker one', () => {
  expect(markAt(marked(marked(new Map(), ['a'], soft, 500), ['a'], hard, 500), 'a', 700)).toBe(hard)
})

it('ends at its time, and is forgotten with the next one', () => {
  const marks = marked(new Map(), ['a'], soft, 500)
  expect(markAt(marks, 'a', 599)).toBe(soft)
  expect(markAt(marks, 'a', 600)).toBeUndefined()
  expect([...marked(marks, ['b'], soft, 600).keys()]).toEqual(['b'])
})

it('from the future is none: the clock was set back', () => {
  expect(markAt(marked(new Map(), ['a'], soft, 500), 'a', 499)).toBeUndefined()
})
