/** All benchmarks, one after the other, over the built packages: `pnpm bench`. Prints ratios; nothing here fails for being slow. */
import { availableParallelism, cpus } from 'node:os'
import { printDraw } from './draw.mjs'
import { printEventLoop } from './event-loop.mjs'
import { printRounds } from './rounds.mjs'
import { printValidation } from './validation.mjs'

console.log(
  `Node ${process.versions.node}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}`,
)
await printValidation()
await printRounds()
await printEventLoop()
printDraw()
console.log('DANE: the verdict beside the handshake that it judges')
await import('./dane.mjs')
