import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { ProvedStream } from './stream.ts'
import { fakeClock } from './testing/fake-clock.ts'
import { serve, type TestServer } from './testing/servers.ts'

let server: TestServer | undefined
afterEach(() => server?.close())

const describe = (cause: Error) => Object.assign(new Error('described', { cause }), { code: 'test/described' })
const clock = fakeClock()

/** A stream over loopback, and the server's end of it. */
async function pair() {
  let theirs: Socket | undefined
  server = await serve((socket) => {
    theirs = socket
  })
  const socket = connect({ host: '127.0.0.1', port: server.port })
  await once(socket, 'connect')
  while (theirs === undefined) await new Promise(setImmediate)
  const stream = new ProvedStream({ clock, describe, open: async () => socket })
  return { stream, socket, theirs }
}

it('holds what is written until the connection is proved', async () => {
  const { socket, theirs } = await pair()
  let prove = () => {}
  const open = () => new Promise<Socket>((resolve) => (prove = () => resolve(socket)))
  const stream = new ProvedStream({ clock, describe, open })
  stream.write('CONNECT')
  await new Promise(setImmediate)
  expect(server?.octets()).toBe(0)
  prove()
  const [received] = await once(theirs, 'data')
  expect(String(received)).toBe('CONNECT')
  stream.destroy()
})

it('destroyed while it seeks: aborts the search at once and closes without an error', async () => {
  let signal: AbortSignal | undefined
  const open = (given: AbortSignal) => {
    signal = given
    return new Promise<Socket>((_, reject) => given.addEventListener('abort', () => reject(given.reason)))
  }
  const stream = new ProvedStream({ clock, describe, open })
  const errors: unknown[] = []
  stream.on('error', (error) => errors.push(error))
  await new Promise(setImmediate)
  const closed = once(stream, 'close')
  stream.destroy()
  expect(signal?.aborted).toBe(true)
  await closed
  expect(errors).toEqual([])
})

it('destroyed while the search is about to succeed: closes the socket that nobody wants', async () => {
  const { socket } = await pair()
  const stream = new ProvedStream({ clock, describe, open: async () => socket })
  stream.destroy()
  await once(stream, 'close')
  expect(socket.destroyed).toBe(true)
})

it('ends with the error of a search that failed', async () => {
  const failure = Object.assign(new Error('none'), { code: 'test/none' })
  const stream = new ProvedStream({ clock, describe, open: () => Promise.reject(failure) })
  const [error] = await once(stream, 'error')
  expect(error).toBe(failure)
})

it('gives what came before an orderly end, then closes', async () => {
  const { stream, theirs } = await pair()
  theirs.end('last words')
  const chunks: string[] = []
  stream.on('data', (chunk) => chunks.push(String(chunk)))
  await once(stream, 'close')
  expect(chunks.join('')).toBe('last words')
})

it('describes a connection that broke, with a code (mqtt.js drops errors without)', async () => {
  const { stream, theirs } = await pair()
  stream.resume()
  theirs.resetAndDestroy()
  const [error] = await once(stream, 'error')
  expect(error).toMatchObject({ code: 'test/described', cause: { code: 'ECONNRESET' } })
})

it('lets the server wait where nobody reads', async () => {
  const { stream, theirs } = await pair()
  const chunk = Buffer.alloc(1 << 20)
  let written = 0
  while (theirs.write(chunk) && written < 64) written++
  await new Promise(setImmediate)
  expect(stream.readableLength).toBeLessThan(1 << 20)
  expect(theirs.writableLength).toBeGreaterThan(0)
  stream.destroy()
})

it('does not wait for ever after its own end', async () => {
  const { stream, socket } = await pair()
  stream.resume()
  const finished = once(stream, 'finish')
  stream.end()
  await finished
  clock.pass(2_000)
  await once(stream, 'close')
  expect(socket.destroyed).toBe(true)
})
