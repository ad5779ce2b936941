/** For the tests, run as a process of its own: asks, settles, and has nothing left to wait for. Prints each outcome as JSON. */
import { setImmediate as turn } from 'node:timers/promises'
import { parseName } from '@portolan/core'
import { cached } from '../cache.ts'
import { coalesced } from '../coalesce.ts'
import { failover } from '../failover.ts'
import { tcp } from '../tcp.node.ts'
import { truncationFallback } from '../truncation.ts'
import { udp } from '../udp.node.ts'

const [deadUdp = 0, deadTcp = 0, refused = 0, live = 0] = process.argv.slice(2).map(Number)
const at = (port: number) => ({ host: '127.0.0.1', port })
const over = (udpPort: number, tcpPort: number) =>
  truncationFallback(udp({ server: at(udpPort), timeoutMs: 300 }), tcp({ server: at(tcpPort), timeoutMs: 300 }), {
    streamAfterMs: 100,
  })

process.on('unhandledRejection', (reason) => {
  console.log(JSON.stringify({ unhandled: String(reason) }))
  process.exit(3)
})

const asks = {
  silent: over(deadUdp, deadTcp),
  refused: over(refused, refused),
  live: tcp({ server: at(live), idleMs: 120_000 }),
  second: cached(
    coalesced(failover([over(deadUdp, deadTcp), tcp({ server: at(live), idleMs: 120_000 })], { patienceMs: 20 })),
  ),
}
for (const [name, ask] of Object.entries(asks)) {
  const caller = new AbortController()
  const aborted = ask({ name: parseName('aborted.example'), type: 1 }, { signal: caller.signal }).catch((reason) =>
    String(reason),
  )
  await turn()
  caller.abort('by the caller')
  const outcome = await ask({ name: parseName('a.example'), type: 1 }).then(
    ({ server }) => ({ server }),
    (error) => ({ code: error.code }),
  )
  console.log(JSON.stringify({ name, ...outcome, aborted: await aborted }))
}
