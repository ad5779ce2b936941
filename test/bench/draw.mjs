/** What putting a large priority group in order costs (RFC 2782, "Weight"). */
// Not part of the public surface.
import { drawn } from '../../packages/core/dist/select.js'
import { median } from './median.mjs'

const SIZES = [100, 1_000, 10_000]

export function printDraw() {
  console.log('Draw: one priority, weights 0 to 99, median of 50')
  for (const size of SIZES) {
    const targets = Array.from({ length: size }, (_, i) => ({ weight: (i * 37) % 100 }))
    const draw = () => [...drawn(targets, Math.random)]
    for (let i = 0; i < 50; i++) draw()
    const times = Array.from({ length: 50 }, () => {
      const begin = performance.now()
      draw()
      return performance.now() - begin
    })
    console.log(`  ${String(size).padStart(6)} targets ${median(times).toFixed(2).padStart(7)} ms`)
  }
}
