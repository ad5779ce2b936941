import { expect, it } from 'vitest'
import { readingInTurns } from './reading.node.ts'

/** A clock that each piece of reading moves on, and what was read in each turn of the event loop. */
function reader(costMs: number) {
  let nowMs = 0
  const turns: number[][] = [[]]
  const inTurn = readingInTurns(() => nowMs)
  const read = (piece: number) => {
    inTurn(() => {
      turns.at(-1)?.push(piece)
      queueMicrotask(() => {
        nowMs += costMs
      })
    })
    return Promise.resolve()
  }
  /** A turn in which something was read, or of the last in which nothing was. */
  const settled = async () => {
    for (let idle = 0; idle < 4; idle++) {
      if (turns.at(-1)?.length) idle = 0
      if (turns.at(-1)?.length) turns.push([])
      await new Promise((resolve) => setImmediate(resolve))
    }
    return turns.filter((pieces) => pieces.length > 0)
  }
  return { read, settled }
}

const pieces = Array.from({ length: 40 }, (_, i) => i)

it('reads at once what takes no time', async () => {
  const { read, settled } = reader(0)
  for (const piece of pieces) await read(piece)
  expect(await settled()).toEqual([pieces])
})

it('reads for a millisecond in each turn and leaves the rest to the next, in order', async () => {
  const { read, settled } = reader(0.3)
  for (const piece of pieces) await read(piece)
  const turns = await settled()
  expect(turns.flat()).toEqual(pieces)
  expect(turns.map(({ length }) => length)).toEqual(Array(10).fill(4))
})

it('reads one reply in each turn at least, however long that takes', async () => {
  const { read, settled } = reader(50)
  for (const piece of pieces) await read(piece)
  expect(await settled()).toEqual(pieces.map((piece) => [piece]))
})
