import { describe, expect, it } from 'vitest'
import { drawn, ordered } from './select.ts'
import { seededRandom } from './testing.ts'

/** The exact probability that a draw from these weights gives this order (RFC 2782, ties by shuffling). */
function probabilityOf(order: readonly number[], weights: readonly number[]): number {
  const [first, ...rest] = order
  if (first === undefined) return 1
  const left = order.map((i) => weights[i] ?? 0)
  const weight = weights[first] ?? 0
  const sum = left.reduce((a, b) => a + b, 0)
  const zeros = left.filter((w) => w === 0).length
  const chance = (zeros > 0 ? (weight === 0 ? 1 / zeros : weight) : weight + 1 / left.length) / (sum + 1)
  return chance * probabilityOf(rest, weights)
}

const ORDERS_OF_THREE = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

describe('the draw of RFC 2782', () => {
  it.each([[[1, 2, 3]], [[10, 90, 0]], [[0, 0, 5]], [[0, 0, 0]], [[1, 1, 1]], [[0, 65_535, 1]], [[60, 20, 20]]])(
    'weights %j give each whole order with its exact probability',
    (weights) => {
      const random = seededRandom(20_260_101)
      const draws = 60_000
      const seen = new Map<string, number>()
      const items = weights.map((weight, i) => ({ weight, i }))
      for (let n = 0; n < draws; n++) {
        const key = [...drawn(items, random)].map(({ i }) => i).join()
        seen.set(key, (seen.get(key) ?? 0) + 1)
      }
      const probabilities = ORDERS_OF_THREE.map((order) => probabilityOf(order, weights))
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      // Five standard deviations: one run in a million and a half would fail by chance, and the seed is fixed.
      for (const [k, order] of ORDERS_OF_THREE.entries()) {
        const p = probabilities[k] ?? 0
        const deviation = Math.sqrt(draws * p * (1 - p))
        expect(Math.abs((seen.get(order.join()) ?? 0) - draws * p)).toBeLessThanOrEqual(5 * deviation + 1e-9)
      }
    },
  )

  it('lets a weight of 0 be first "with a very small chance", never never', () => {
    const random = seededRandom(7)
    const items = [{ weight: 0 }, { weight: 9 }]
    let zeroFirst = 0
    for (let n = 0; n < 10_000; n++) if ([...drawn(items, random)][0]?.weight === 0) zeroFirst++
    expect(zeroFirst).toBeGreaterThan(900)
    expect(zeroFirst).toBeLessThan(1100)
  })

  it('loses and doubles nobody, whatever random says', () => {
    for (const value of [0, 0.5, 1 - 2 ** -53]) {
      const items = Array.from({ length: 257 }, (_, weight) => ({ weight }))
      const result = [...drawn(items, () => value)]
      expect(new Set(result).size).toBe(257)
    }
  })
})

it('tiers come before weights, compared one plugin after the other', () => {
  const target = (name: string, weight: number, ...tiers: number[]) => ({ name, weight, tiers })
  const group = [
    target('far', 1000, 2, 0),
    target('near b', 1, 0, 1),
    target('near a', 1, 0, 0),
    target('unknown', 1, Infinity, 0),
  ]
  const names = [...ordered(group, seededRandom(1))].map(({ name }) => name)
  expect(names).toEqual(['near a', 'near b', 'far', 'unknown'])
})

it('takes O(n log n) steps: 10,000 targets draw 10,000 numbers for the draw and as many for the shuffle', () => {
  let asked = 0
  const random = seededRandom(3)
  const items = Array.from({ length: 10_000 }, (_, i) => ({ weight: i % 100, tiers: [] }))
  const result = [
    ...ordered(items, () => {
      asked++
      return random()
    }),
  ]
  expect(new Set(result).size).toBe(10_000)
  expect(asked).toBe(19_999)
})

it('draws each when it is asked for, so that no turn of the event loop draws all', () => {
  let asked = 0
  const random = () => {
    asked++
    return 0.5
  }
  const far = Array.from({ length: 1_000 }, () => ({ weight: 1, tiers: [2] }))
  const order = ordered([...far, { weight: 1, tiers: [1] }, { weight: 1, tiers: [1] }], random)
  expect(order.next()).toMatchObject({ value: { tiers: [1] } })
  expect(asked).toBe(2)
})
