/** Starts the testbed behind a delay (delayed-server.mjs) in a process of its own. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * @param sizes a service `sN.test` of N targets for each
 * @returns where it is asked, what to trust, and how it ends
 */
export async function startDelayedServer(roundTripMs, sizes) {
  const script = fileURLToPath(new URL('./delayed-server.mjs', import.meta.url))
  const child = fork(script, [roundTripMs, ...sizes].map(String))
  const { delayed, trustAnchors } = await new Promise((done, fail) => {
    child.once('message', done)
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}`)))
  })
  return { delayed, trustAnchors, stop: () => child.disconnect() }
}
