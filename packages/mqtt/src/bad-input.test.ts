import { Veto } from '@portolan/core'
import { generate } from 'mqtt-packet'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConnectError } from './errors.ts'
import { type Credentials, makeAuthority } from './testing/certificates.ts'
import { at, closedPort, type Harness, harness, occurs, rejection, testAuthority } from './testing/harness.ts'
import { discovering, planOf } from './testing/plan.ts'
import { serve, serveBroker, serveConnack, serveScript } from './testing/servers.ts'

let genuine: Credentials
let forged: Credentials
let test: Harness
beforeAll(async () => {
  const authority = await testAuthority()
  genuine = await authority.issue(['b1.fleet.test', 'b2.fleet.test', 'b3.fleet.test'])
  forged = await (await makeAuthority('forger')).issue(['b1.fleet.test', 'b2.fleet.test', 'b3.fleet.test'])
})
beforeEach(async () => {
  test = harness(await testAuthority())
})
afterEach(() => test.close())

describe('bad input', () => {
  it('every broker down: mqtt/no-broker, with an attempt for each, and what was struck out', async () => {
    const down = [at({ port: await closedPort() }, 'b1'), at({ port: await closedPort() }, 'b2')]
    const cause = new Veto('dane/lookup-failed', 'the TLSA lookup failed')
    const vetoed = [{ target: at({ port: 8883 }, 'b3').target, code: cause.code, cause }]
    const error = await rejection(test.connect(discovering(down, planOf(down, { vetoed }))))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      code: 'mqtt/no-broker',
      attempts: [{ code: 'mqtt/unreachable' }, { code: 'mqtt/unreachable' }],
      vetoed: [{ host: 'b3.fleet.test.', code: 'dane/lookup-failed' }],
    })
    expect(error.message).toMatch(
      /^no broker of fleet\.test took the connection\n {2}b1\.fleet\.test:\d+ \(127\.0\.0\.1\): no TCP connection: connect ECONNREFUSED/,
    )
    expect(error.message).toContain('b3.fleet.test:8883: not tried: the TLSA lookup failed')
  })

  it('all certificates wrong: mqtt/tls-refused, and not one octet of MQTT left', async () => {
    const servers = [await test.opened(serveBroker(forged)), await test.opened(serveBroker(forged))]
    const candidates = servers.map((server, i) => at(server, `b${i + 1}`))
    const error = await rejection(test.connect(candidates))
    expect(error).toMatchObject({ code: 'mqtt/tls-refused', attempts: [{ code: 'mqtt/tls-refused' }, {}] })
    expect(servers.map(({ octets }) => octets())).toEqual([0, 0])
  })

  it('a refused certificate moves on to the next broker', async () => {
    const wrong = await test.opened(serveBroker(forged))
    const right = await test.opened(serveBroker(genuine))
    await test.connect([at(wrong, 'b1'), at(right, 'b2')])
    expect(wrong.octets()).toBe(0)
    expect(test.story()).toContain('attempt-failed b1 mqtt/tls-refused')
    expect(test.story()).toContain('connected b2')
  })

  it('one of three struck out in discovery: the others serve', async () => {
    const broker = await test.opened(serveBroker(genuine))
    const gone = at({ port: await closedPort() }, 'b1')
    const client = await test.connect([gone, at(broker, 'b2')])
    expect(client.connected).toBe(true)
  })

  it('wrong password everywhere: one CONNECT each, then mqtt/refused-credentials', async () => {
    const servers = [await test.opened(serveConnack(0x86, genuine)), await test.opened(serveConnack(0x87, genuine))]
    const mqtt = { protocolVersion: 5, username: 'u', password: 'wrong' } as const
    const error = await rejection(
      test.connect(
        servers.map((server, i) => at(server, `b${i + 1}`)),
        { mqtt },
      ),
    )
    expect(error).toMatchObject({
      code: 'mqtt/refused-credentials',
      attempts: [{ reasonCode: 0x86 }, { reasonCode: 0x87 }],
    })
    expect(servers.map(({ connections }) => connections())).toEqual([1, 1])
  })

  it.each([4, 5])('wrong password in MQTT 3.1.1, return code %s', async (returnCode) => {
    const server = await test.opened(serveConnack(returnCode, genuine, { version: 4 }))
    const error = await rejection(test.connect([at(server)]))
    expect(error).toMatchObject({ code: 'mqtt/refused-credentials', attempts: [{ reasonCode: returnCode }] })
    expect(server.connections()).toBe(1)
  })

  it('wrong password after the first connection: it stops with an error event', async () => {
    let answers = 0
    const fickle = await test.opened(
      serveScript(
        {
          onPacket: ({ cmd }, reply) =>
            cmd === 'connect' &&
            reply({ cmd: 'connack', reasonCode: answers++ === 0 ? 0 : 0x87, sessionPresent: false }),
        },
        { tls: genuine },
      ),
    )
    const client = await test.connect([at(fickle)], { mqtt: { protocolVersion: 5 } })
    const ended = occurs(client, 'end')
    const gaveUp = test.next('gave-up')
    fickle.cut()
    expect((await gaveUp).error).toMatchObject({ code: 'mqtt/refused-credentials' })
    await ended
    expect(fickle.connections()).toBe(2)
    expect(client.disconnected).toBe(true)
  })

  it.each([
    [0x88, 'server unavailable'],
    [0x89, 'server busy'],
    [0x97, 'quota exceeded'],
    [0x9c, 'use another server'],
    [0x9d, 'server moved'],
    [0x9f, 'connection rate exceeded'],
  ])('CONNACK 0x%s moves on to the next broker (MQTT 5 §3.2.2.2)', async (reasonCode, reason) => {
    const properties = { serverReference: 'elsewhere.fleet.test:8883' }
    const busy = await test.opened(serveConnack(reasonCode, genuine, { properties }))
    const broker = await test.opened(serveBroker(genuine))
    await test.connect([at(busy, 'b1'), at(broker, 'b2')], { mqtt: { protocolVersion: 5 } })
    const connack = test.events.find(({ type }) => type === 'connack')
    expect(connack).toMatchObject({ reasonCode, serverReference: 'elsewhere.fleet.test:8883' })
    expect(connack).toHaveProperty('reason', expect.stringContaining(reason))
    expect(test.story().at(-1)).toBe('connected b2')
  })

  it('a TCP server that never speaks: mqtt/timeout', async () => {
    const mute = await test.opened(serve(() => {}))
    const error = await rejection(test.connect([at(mute)], { tlsTimeoutMs: 20 }))
    expect(error).toMatchObject({ code: 'mqtt/timeout', attempts: [{ detail: 'no TLS within 20 ms' }] })
  })

  it('a TLS server that never speaks: mqtt/timeout after CONNECT', async () => {
    const mute = await test.opened(serve(() => {}, { tls: genuine }))
    const error = await rejection(test.connect([at(mute)], { connackTimeoutMs: 20 }))
    expect(error).toMatchObject({ code: 'mqtt/timeout', attempts: [{ detail: 'no CONNACK within 20 ms' }] })
    expect(mute.octets()).toBeGreaterThan(0)
  })

  it('a silent broker is left for the next one', async () => {
    const mute = await test.opened(serve(() => {}, { tls: genuine }))
    const broker = await test.opened(serveBroker(genuine))
    await test.connect([at(mute, 'b1'), at(broker, 'b2')], { connackTimeoutMs: 50 })
    expect(test.story()).toContain('connect-failed b1 mqtt/timeout')
  })

  it('a server that speaks no TLS: mqtt/tls-failed', async () => {
    const http = await test.opened(serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const error = await rejection(test.connect([at(http)]))
    expect(error).toMatchObject({ code: 'mqtt/tls-failed', attempts: [{ code: 'mqtt/tls-failed' }] })
  })

  it.each([
    ['text', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['an impossible packet', Buffer.from([0x00, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a CONNACK of wrong length', Buffer.from([0x20, 0x01, 0x00])],
  ])('garbage after TLS (%s): mqtt/protocol', async (_, octets) => {
    const odd = await test.opened(serve((socket) => void socket.write(octets), { tls: genuine }))
    const error = await rejection(test.connect([at(odd)], { connackTimeoutMs: 1_000 }))
    expect(error).toMatchObject({ code: 'mqtt/protocol', attempts: [{ code: 'mqtt/protocol' }] })
  })

  it('a packet before CONNACK: mqtt/protocol (MQTT-3.2.0-1)', async () => {
    const hasty = generate({ cmd: 'publish', topic: 'a', payload: 'b', qos: 0, dup: false, retain: false })
    const odd = await test.opened(serve((socket) => void socket.write(hasty), { tls: genuine }))
    const error = await rejection(test.connect([at(odd)]))
    expect(error).toMatchObject({ code: 'mqtt/protocol', attempts: [{ detail: 'it sent PUBLISH before CONNACK' }] })
  })

  it('garbage on a connection that is up: it is hung up and sought anew', async () => {
    let sockets = 0
    const odd = await test.opened(
      serveScript(
        {
          onPacket(packet, reply, socket) {
            if (packet.cmd === 'connect') reply({ cmd: 'connack', reasonCode: 0, sessionPresent: false })
            if (packet.cmd === 'connect' && sockets++ === 0) socket.write('garbage')
          },
        },
        { tls: genuine },
      ),
    )
    const lost = test.next('lost')
    const client = await test.connect([at(odd)], { mqtt: { protocolVersion: 5 } })
    const again = occurs(client, 'connect')
    expect((await lost).error.code).toBe('mqtt/protocol')
    await again
  })

  it('a broker that closes after CONNECT: mqtt/closed', async () => {
    const shy = await test.opened(
      serveScript({ onPacket: (_packet, _reply, socket) => socket.destroy() }, { tls: genuine }),
    )
    const error = await rejection(test.connect([at(shy)]))
    expect(error).toMatchObject({ code: 'mqtt/closed' })
    expect(shy.connections()).toBe(1)
  })

  it('a broker that closes after CONNACK is left for the next, not hammered', async () => {
    const fickle = await test.opened(
      serveScript(
        {
          onPacket(packet, reply, socket) {
            if (packet.cmd !== 'connect') return
            reply({ cmd: 'connack', returnCode: 0, sessionPresent: false })
            socket.end()
          },
        },
        { tls: genuine, version: 4 },
      ),
    )
    const steady = await test.opened(serveBroker(genuine))
    const up = new Promise<void>((resolve) => {
      const onEvent = ({ type, ...event }: { type: string }) => {
        test.events.push({ type, ...event } as never)
        if (type === 'connected' && 'endpoint' in event && steady.connections() > 0) resolve()
      }
      void test.connect([at(fickle, 'b1'), at(steady, 'b2')], { onEvent })
    })
    await up
    expect(fickle.connections()).toBe(1)
  })

  it('a broker that says goodbye with DISCONNECT 0x9c is left for the next, whether or not it closes', async () => {
    const leaving = await test.opened(
      serveScript(
        {
          onPacket(packet, reply) {
            if (packet.cmd === 'connect') reply({ cmd: 'connack', reasonCode: 0, sessionPresent: false })
            if (packet.cmd === 'publish') reply({ cmd: 'disconnect', reasonCode: 0x9c })
          },
        },
        { tls: genuine },
      ),
    )
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(leaving, 'b1'), at(broker, 'b2')], { mqtt: { protocolVersion: 5 } })
    const again = occurs(client, 'connect')
    client.publish('a', 'b')
    await again
    expect(test.story().at(-1)).toBe('connected b2')
    expect(test.events.find(({ type }) => type === 'lost')).toMatchObject({ error: { reasonCode: 0x9c } })
  })

  it('an error of discovery itself is what connect rejects with', async () => {
    const error = new Error('DNS is gone')
    const discover = () => {
      throw error
    }
    expect(await rejection(test.connect(discover))).toBe(error)
    async function* failing() {
      yield* []
      throw error
    }
    expect(await rejection(test.connect(failing as never))).toBe(error)
  })

  it('DNS gone between two reconnects: the last good order serves while it holds', async () => {
    const broker = await test.opened(serveBroker(genuine))
    let asked = 0
    const expired = at({ port: await closedPort() }, 'b1', { expiresAtMs: 1 })
    const discover = async function* () {
      if (asked++ > 0) throw new Error('DNS is gone')
      const both = [expired, at(broker, 'b2')]
      yield* both
      return planOf(both)
    }
    const client = await test.connect(discover)
    const again = occurs(client, 'connect')
    broker.cut()
    await again
    expect(test.story().slice(test.story().indexOf('lost b2 mqtt/closed'))).toEqual([
      'lost b2 mqtt/closed',
      'discovering',
      'discovery-failed',
      'dialling b2',
      'proved b2',
      'connect-sent b2',
      'connack b2 0',
      'connected b2',
    ])
  })

  it('DNS gone and everything expired: it goes on asking, and connects once DNS is back', async () => {
    const broker = await test.opened(serveBroker(genuine))
    let asked = 0
    const discover = async function* () {
      asked++
      if (asked === 2 || asked === 3) throw new Error('DNS is gone')
      const brief = at(broker, 'b1', { expiresAtMs: 1 })
      yield brief
      return planOf([brief])
    }
    const client = await test.connect(discover, { backoffBaseMs: 1, backoffMaxMs: 1 })
    const again = occurs(client, 'connect')
    broker.cut()
    await again
    expect(test.story().filter((line) => line === 'discovery-failed')).toHaveLength(2)
  })
})
