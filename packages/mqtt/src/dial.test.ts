import { createSecureContext } from 'node:tls'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { dial } from './dial.ts'
import { endpointOf } from './marks.ts'
import type { Credentials } from './testing/certificates.ts'
import { countingClock } from './testing/fake-clock.ts'
import { at, rejection, testAuthority } from './testing/harness.ts'
import { serve, type TestServer } from './testing/servers.ts'

let genuine: Credentials
let server: TestServer | undefined
beforeAll(async () => {
  genuine = await (await testAuthority()).issue(['b1.fleet.test'])
})
afterEach(() => server?.close())

async function options(more: object = {}) {
  return {
    clock: systemClock,
    plugins: [],
    secureContext: createSecureContext({ ca: (await testAuthority()).ca }),
    alpnProtocols: [],
    connectTimeoutMs: 5_000,
    tlsTimeoutMs: 5_000,
    signal: new AbortController().signal,
    ...more,
  }
}

const here = (of: ReturnType<typeof at>) => endpointOf(of, of.addresses[0] as (typeof of.addresses)[number])

it('a black hole ends at its own limit, before TCP is up', async () => {
  server = await serve(() => {}, { tls: genuine })
  // Fires before the operating system can have connected: what an address does that swallows every SYN.
  const after = (_delayMs: number, run: () => void) => {
    queueMicrotask(run)
    return () => {}
  }
  const of = at(server)
  const error = await rejection(
    dial(of, here(of), await options({ clock: { ...systemClock, after }, connectTimeoutMs: 77 })),
  )
  expect(error).toMatchObject({ code: 'mqtt/timeout', detail: 'no TCP connection within 77 ms' })
  await server.idle()
})

it('an abort rejects with its reason and closes the socket', async () => {
  server = await serve(() => {})
  const stop = new AbortController()
  const of = at(server)
  const dialling = dial(of, here(of), await options({ signal: stop.signal }))
  stop.abort('enough')
  await expect(dialling).rejects.toBe('enough')
  await server.idle()
})

it('leaves no timer behind once it is proved', async () => {
  server = await serve(() => {}, { tls: genuine })
  const clock = countingClock()
  const of = at(server)
  const { socket, judgement } = await dial(of, here(of), await options({ clock }))
  expect(judgement).toMatchObject({ accepted: true, by: 'pkix' })
  expect(clock.waiting).toBe(0)
  socket.destroy()
})
