import { createConnection } from 'node:net'
import { type Plugin, Veto } from '@portolan/core'
import { generate } from 'mqtt-packet'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ConnectError } from './errors.ts'
import { type Credentials, makeAuthority } from './testing/certificates.ts'
import { at, closedPort, type Harness, harness, occurs, rejection, testAuthority } from './testing/harness.ts'
import { candidate, discovering, planOf } from './testing/plan.ts'
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

const acceptAll: Plugin = {
  name: 'dane',
  inspect: async () => undefined,
  checkPeer: () => ({ decision: 'accept', matchDepth: 0, detail: 'for the test' }),
}

describe('connect', () => {
  it.each([4, 5] as const)('gives a client that publishes and receives, MQTT version %s', async (protocolVersion) => {
    const broker = await test.opened(serveBroker(genuine))
    const client = await test.connect([at(broker)], { mqtt: { protocolVersion } })
    expect(client.connected).toBe(true)
    await client.subscribeAsync('a/#', { qos: 2 })
    const messages: string[] = []
    const all = new Promise<void>((resolve) => {
      client.on('message', (topic, payload) => {
        messages.push(`${topic} ${payload}`)
        if (messages.length === 3) resolve()
      })
    })
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`a/${qos}`, `qos ${qos}`, { qos })
    await all
    expect(messages.toSorted()).toEqual(['a/0 qos 0', 'a/1 qos 1', 'a/2 qos 2'])
    expect(test.story()).toEqual([
      'discovering',
      'candidate',
      'dialling b1',
      'proved b1',
      'connect-sent b1',
      'connack b1 0',
      'connected b1',
    ])
  })

  it("passes mqtt.js's options on: user name, password, will, keepalive, client id, properties", async () => {
    const connects: unknown[] = []
    const broker = await test.opened(
      serveScript(
        {
          onPacket(packet, reply) {
            if (packet.cmd !== 'connect') return
            connects.push(packet)
            reply({ cmd: 'connack', reasonCode: 0, sessionPresent: false })
          },
        },
        { tls: genuine },
      ),
    )
    const will = { topic: 'gone', payload: Buffer.from('gone'), qos: 1, retain: true } as const
    const properties = { sessionExpiryInterval: 60 }
    const mqtt = {
      protocolVersion: 5,
      username: 'u',
      password: 'p',
      keepalive: 7,
      clientId: 'me',
      will,
      properties,
    } as const
    await test.connect([at(broker)], { mqtt })
    expect(connects).toMatchObject([
      { clientId: 'me', username: 'u', password: Buffer.from('p'), keepalive: 7, properties, will: { topic: 'gone' } },
    ])
  })

  it('speaks plain TCP to a candidate whose service has no TLS, which only a caller brings about', async () => {
    const broker = await test.opened(serveBroker(undefined))
    const client = await test.connect([at(broker, 'b1', { tls: false })])
    expect(client.connected).toBe(true)
    expect(test.events.find(({ type }) => type === 'proved')).toMatchObject({ by: undefined })
  })

  it('does not speak plain TCP to a server that DANE would have to prove', async () => {
    const server = await test.opened(serve(() => {}))
    const error = await rejection(test.connect([at(server, 'b1', { tls: false, requirement: 'dane' })]))
    expect(error).toMatchObject({ code: 'mqtt/tls-refused' })
    expect(server.connections()).toBe(0)
  })

  it('sends the server name of the identity, and ALPN mqtt', async () => {
    const seen: unknown[] = []
    const broker = await test.opened(serveBroker(genuine))
    const front = await test.opened(
      serve((socket) => socket.pipe(createConnection(broker.port)).pipe(socket), {
        tls: {
          ...genuine,
          ALPNCallback: ({ servername, protocols }) => {
            seen.push({ servername, protocols })
            return 'mqtt'
          },
        },
      }),
    )
    await rejection(test.connect([at(front)], { connackTimeoutMs: 50 }))
    expect(seen).toEqual([{ servername: 'b1.fleet.test', protocols: ['mqtt'] }])
  })

  it('rejects options that would choose or judge a server elsewhere, before anything is asked', async () => {
    const discover = discovering([])
    const bad = { servers: [{ host: 'b1', port: 1 }], clean: true }
    expect(await rejection(test.connect(discover, { mqtt: bad as object }))).toMatchObject({ option: 'mqtt.servers' })
    const insecure = { rejectUnauthorized: false } as object
    expect(await rejection(test.connect(discover, { mqtt: insecure }))).toMatchObject({ code: 'core/invalid-option' })
    expect(await rejection(test.connect(discover, { mqtt: { clean: false } }))).toMatchObject({
      option: 'mqtt.clientId',
    })
    expect(await rejection(test.connect(discover, { connectTimeoutMs: -1 }))).toMatchObject({
      option: 'connectTimeoutMs',
    })
    expect(await rejection(test.connect(discover, { connectTimeoutMs: Number.NaN }))).toMatchObject({
      code: 'core/invalid-option',
    })
    expect(await rejection(test.connect(discover, { tls: { cert: 'no PEM', key: 'no PEM' } }))).toMatchObject({
      option: 'tls',
    })
    expect(discover.begun).toBe(0)
  })
})

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

describe('the TLS verdict', () => {
  it('lets a plugin accept what PKIX would not', async () => {
    const broker = await test.opened(serveBroker(forged))
    await test.connect([at(broker, 'b1', { requirement: 'dane' })], { plugins: [acceptAll] })
    expect(test.events.find(({ type }) => type === 'proved')).toMatchObject({ by: 'dane' })
  })

  it('refuses where DANE must prove and no plugin accepts, although PKIX would', async () => {
    const broker = await test.opened(serveBroker(genuine))
    const error = await rejection(test.connect([at(broker, 'b1', { requirement: 'dane' })]))
    expect(error).toMatchObject({ code: 'mqtt/tls-refused' })
    expect(broker.octets()).toBe(0)
  })

  it('does not even dial where nobody may prove', async () => {
    const broker = await test.opened(serve(() => {}))
    await rejection(test.connect([at(broker, 'b1', { requirement: 'refuse' })], { plugins: [acceptAll] }))
    expect(broker.connections()).toBe(0)
  })

  it('hands the chain as sent to the plugin, leaf first', async () => {
    const authority = await testAuthority()
    const chain = { cert: `${genuine.cert}\n${authority.ca}`, key: genuine.key }
    const broker = await test.opened(serveBroker(chain))
    const chains: number[] = []
    const counting: Plugin = {
      ...acceptAll,
      checkPeer: ({ chainAsSent, resumed, serverName }) => {
        chains.push(chainAsSent.length)
        expect({ resumed, serverName }).toEqual({ resumed: false, serverName: 'b1.fleet.test' })
        return { decision: 'defer-to-pkix', matchDepth: null, detail: '' }
      },
    }
    await test.connect([at(broker)], { plugins: [counting] })
    expect(chains).toEqual([2])
  })

  it.each([
    ['a dNSName', ['fleet.test'], undefined, true],
    ['another of its reference names', ['b1.fleet.test'], undefined, true],
    ['in any case', ['B1.FLEET.Test'], undefined, true],
    ['a wildcard for one label', ['*.fleet.test'], undefined, true],
    ['a wildcard that is part of a label', ['b*.fleet.test'], undefined, false],
    ['a wildcard for two labels', ['*.test'], undefined, false],
    ['the CN alone', [], 'b1.fleet.test', false],
    ['the CN beside another dNSName', ['other.test'], 'b1.fleet.test', false],
    ['a name below', ['x.b1.fleet.test'], undefined, false],
  ])('by PKIX takes %s as RFC 9525 §6.3 has it', async (_, names, commonName, accepted) => {
    const credentials = await (await testAuthority()).issue(names, commonName)
    const broker = await test.opened(serveBroker(credentials))
    if (accepted) await test.connect([at(broker)])
    else {
      const error = await rejection(test.connect([at(broker)]))
      expect(error).toMatchObject({
        code: 'mqtt/tls-refused',
        attempts: [{ detail: expect.stringContaining('RFC 9525') }],
      })
    }
  })

  it('asks for TLS 1.3 where there is a client certificate, for TLS 1.2 would show it to anybody', async () => {
    const client = await (await testAuthority()).issue(['client.fleet.test'])
    const old = await test.opened(
      serve(() => {}, { tls: { ...genuine, maxVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false } }),
    )
    const error = await rejection(test.connect([at(old)], { tls: client }))
    expect(error).toMatchObject({ code: 'mqtt/tls-failed' })
    const broker = await test.opened(serveBroker(genuine, { tls: { ...genuine, requestCert: true } }))
    await test.connect([at(broker)], { tls: client })
  })

  it('sends no client certificate to a forged server', async () => {
    const client = await (await testAuthority()).issue(['client.fleet.test'])
    const authority = await testAuthority()
    const shown: boolean[] = []
    const spy = await test.opened(
      serve(
        (socket) => {
          shown.push('getPeerX509Certificate' in socket)
        },
        { tls: { ...forged, requestCert: true, rejectUnauthorized: false, ca: authority.ca } },
      ),
    )
    await rejection(test.connect([at(spy)], { tls: client }))
    await spy.idle()
    expect(shown).toEqual([])
  })
})

describe('the race', () => {
  it('falls to the next address when the first refuses', async () => {
    const broker = await test.opened(serveBroker(genuine))
    await test.connect([at(broker, 'b1', { addresses: ['127.0.0.9', '127.0.0.1'] })])
    expect(test.story().filter((line) => line.startsWith('dialling'))).toHaveLength(2)
  })

  it('an address whose certificate is wrong does not stand in the way of the right one', async () => {
    const right = await test.opened(serveBroker(genuine))
    const wrong = await test.opened(serveBroker(forged, { host: '127.0.0.9', port: right.port }))
    await test.connect([at(right, 'b1', { addresses: ['127.0.0.9', '127.0.0.1'] })])
    expect(wrong.octets()).toBe(0)
  })

  it('sends one CONNECT although both addresses would do', async () => {
    const one = await test.opened(serveBroker(genuine))
    const two = await test.opened(serveBroker(genuine, { host: '127.0.0.9', port: one.port }))
    await test.connect([at(one, 'b1', { addresses: ['127.0.0.1', '127.0.0.9'] })], { connectionAttemptDelayMs: 10 })
    expect([one.octets(), two.octets()].filter((octets) => octets > 0)).toHaveLength(1)
  })

  it('never hands a name to the operating system', async () => {
    const error = await rejection(test.connect([candidate({ addresses: ['localhost'] })]))
    expect(error).toMatchObject({ attempts: [{ detail: 'it has no IP address' }] })
  })
})
