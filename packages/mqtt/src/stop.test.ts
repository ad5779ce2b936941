import type { Packet } from 'mqtt-packet'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectEvent } from './events.ts'
import type { Credentials } from './testing/certificates.ts'
import { countingClock } from './testing/fake-clock.ts'
import { at, type Harness, harness, occurs, rejection, testAuthority } from './testing/harness.ts'
import { serveBroker, serveScript } from './testing/servers.ts'

let genuine: Credentials
let test: Harness
beforeAll(async () => {
  genuine = await (await testAuthority()).issue(['b1.fleet.test', 'b2.fleet.test'])
})
beforeEach(async () => {
  test = harness(await testAuthority())
})
afterEach(() => test.close())

/** Discovery that never gives anything, whatever the signal says. */
async function* deaf() {
  yield* []
  return await new Promise<never>(() => {})
}

describe('an abort', () => {
  it('before anything rejects with its own reason and asks nothing', async () => {
    const reason = new Error('changed my mind')
    expect(await rejection(test.connect(deaf, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(test.events).toEqual([])
  })

  const points: readonly ConnectEvent['type'][] = ['discovering', 'dialling', 'proved', 'connect-sent', 'connack']
  it.each(points)('at "%s" rejects with its reason, closes every socket and leaves no timer', async (point) => {
    const stop = new AbortController()
    const broker = await test.opened(serveBroker(genuine))
    const onEvent = ({ type }: ConnectEvent) => {
      if (type === point) stop.abort('enough')
    }
    const clock = countingClock()
    await expect(test.connect([at(broker)], { signal: stop.signal, onEvent, clock })).rejects.toBe('enough')
    await broker.idle()
    expect(clock.waiting).toBe(0)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%s microtasks after the verdict is not too late', async (turns) => {
    const stop = new AbortController()
    const broker = await test.opened(serveBroker(genuine))
    const afterwards: string[] = []
    const onEvent = async ({ type }: ConnectEvent) => {
      if (stop.signal.aborted) afterwards.push(type)
      if (type !== 'proved') return
      for (let turn = 0; turn < turns; turn++) await undefined
      stop.abort('enough')
    }
    const clock = countingClock()
    await expect(test.connect([at(broker)], { signal: stop.signal, onEvent, clock })).rejects.toBe('enough')
    await broker.idle()
    expect(broker.octets()).toBe(0)
    expect(clock.waiting).toBe(0)
    expect(afterwards).toEqual(['stopped'])
  })

  it('while discovery hangs rejects at once', async () => {
    const stop = new AbortController()
    const waiting = test.next('discovering')
    const connecting = test.connect(deaf, { signal: stop.signal })
    await waiting
    stop.abort('enough')
    await expect(connecting).rejects.toBe('enough')
  })

  it('after the connection is up ends the client', async () => {
    const stop = new AbortController()
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(broker)], { signal: stop.signal })
    const ended = occurs(client, 'end')
    stop.abort()
    await ended
    await broker.idle()
    expect(test.story().at(-1)).toBe('stopped')
  })

  it('while it waits to reconnect ends the client', async () => {
    const stop = new AbortController()
    const broker = await test.opened(serveBroker(genuine))
    const clock = { now: Date.now, random: () => 0.999, after: () => () => {} }
    const client = await test.connect([at(broker)], { signal: stop.signal, clock })
    const waiting = test.next('waiting')
    broker.cut()
    await waiting
    const ended = occurs(client, 'end')
    stop.abort()
    await ended
    expect(test.story().at(-1)).toBe('stopped')
  })
})

describe('end()', () => {
  it('on a connection that is up says DISCONNECT and goes', async () => {
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(broker)])
    const packets: string[] = []
    client.on('packetsend', ({ cmd }) => packets.push(cmd))
    await client.endAsync()
    await broker.idle()
    expect(packets).toEqual(['disconnect'])
    expect(test.story().slice(-2)).toEqual(['connected b1', 'stopped'])
  })

  const points: readonly ConnectEvent['type'][] = ['waiting', 'dialling', 'proved', 'connect-sent', 'connack']
  it.each(points)(
    'at "%s" of a reconnection ends it there, without a goodbye that nobody could hear',
    async (point) => {
      const broker = await test.opened(serveBroker(genuine))
      const client = await test.connect([at(broker)])
      const ended = new Promise<void>((resolve) => {
        void test.next(point === 'waiting' ? 'lost' : point).then(() => client.end(() => resolve()))
      })
      broker.cut()
      await ended
      await broker.idle()
      expect(client.disconnected).toBe(true)
      expect(test.story().at(-1)).toBe('stopped')
    },
  )

  it('does not wait for a broker that keeps its side open', async () => {
    const broker = await test.opened(serveBroker(genuine, { tls: { ...genuine }, allowHalfOpen: true }))
    const client = await test.connect([at(broker)])
    await client.endAsync()
    expect(client.disconnected).toBe(true)
  })

  it('that waits for an acknowledgement ends when the connection is lost', async () => {
    const reply = { cmd: 'connack', reasonCode: 0, sessionPresent: false } as const
    const onPacket = ({ cmd }: { cmd?: string }, send: (packet: Packet) => void) => cmd === 'connect' && send(reply)
    const black = await test.opened(serveScript({ onPacket }, { tls: genuine }))
    const client = await test.connect([at(black)], { mqtt: { protocolVersion: 5 } })
    client.publish('a', 'b', { qos: 1 })
    const ended = client.endAsync()
    black.cut()
    await ended
    expect(client.disconnected).toBe(true)
  })

  it('may be followed by reconnect(), which seeks anew', async () => {
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(broker)])
    await client.endAsync()
    const again = occurs(client, 'connect')
    client.reconnect()
    await again
    expect(test.story().filter((line) => line === 'discovering')).toHaveLength(2)
    expect(test.story().at(-1)).toBe('connected b1')
  })
})

it('reconnectPeriod 0: a lost connection stays lost', async () => {
  const broker = await test.opened(serveBroker(genuine))
  const client = await test.connect([at(broker)], { mqtt: { reconnectPeriod: 0 } })
  const closed = occurs(client, 'close')
  broker.cut()
  await closed
  expect(client.reconnecting).toBe(false)
  expect(test.story().slice(-2)).toEqual(['lost b1 mqtt/closed', 'stopped'])
})
