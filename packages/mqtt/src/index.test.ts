import { type Plugin, parseName, type Srv, type TraceEntry, Veto } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectEvent, connect } from './index.ts'
import type { Credentials } from './testing/certificates.ts'
import { closedPort, rejection, testAuthority } from './testing/harness.ts'
import { serveBroker, type TestBroker } from './testing/servers.ts'

let genuine: Credentials
let ca: string
let broker: TestBroker | undefined
beforeAll(async () => {
  const authority = await testAuthority()
  ca = authority.ca
  genuine = await authority.issue(['fleet.test'])
})
afterEach(() => broker?.close())

const srv = (host: string, port: number, priority: number): Srv => ({
  priority,
  weight: 0,
  port,
  target: parseName(host),
})

it('connects by the records of a domain', async () => {
  broker = await serveBroker(genuine)
  const lookup = fakeLookup({
    '_secure-mqtt._tcp.fleet.test. SRV': {
      records: [srv('b1.fleet.test', await closedPort(), 0), srv('b2.fleet.test', broker.port, 1)],
    },
    'b1.fleet.test. A': { records: ['127.0.0.1'] },
    'b2.fleet.test. A': { records: ['127.0.0.1'] },
  })
  const told: string[] = []
  const onEvent = ({ type }: { readonly type: string }) => void told.push(type)
  const client = await connect('fleet.test', { lookup, tls: { ca }, onEvent })
  expect(client.connected).toBe(true)
  expect(told.filter((type) => type === 'dialling' || type === 'connected')).toEqual([
    'dialling',
    'dialling',
    'connected',
  ])
  await client.endAsync()
})

it('hands its plugins to discovery and to the verdict', async () => {
  broker = await serveBroker(genuine)
  const lookup = fakeLookup({
    '_secure-mqtt._tcp.fleet.test. SRV': { records: [srv('b1.fleet.test', broker.port, 0)] },
    'b1.fleet.test. A': { records: ['127.0.0.1'] },
  })
  const strict: Plugin<'strict', string> = {
    name: 'strict',
    inspect: async ({ host }) => `fact of ${host}`,
    checkPeer: (_peer, _candidate, fact) => ({ decision: 'refuse', code: 'strict/no', detail: String(fact) }),
  }
  const error = await rejection(connect('fleet.test', { lookup, plugins: [strict], tls: { ca } }))
  expect(error.message).toContain('fact of b1.fleet.test.')
  expect(broker.octets()).toBe(0)
})

describe('the TLSA lookup failing for one of three', () => {
  const careful: Plugin<'careful', undefined> = {
    name: 'careful',
    async inspect({ host }) {
      if (host === 'b1.fleet.test.') throw new Veto('careful/lookup-failed', 'its TLSA lookup failed')
      return undefined
    },
  }
  const threeOn = (port: number) =>
    fakeLookup({
      '_secure-mqtt._tcp.fleet.test. SRV': {
        records: ['b1', 'b2', 'b3'].map((host, i) => srv(`${host}.fleet.test`, port, i)),
      },
      'b1.fleet.test. A': { records: ['127.0.0.1'] },
      'b2.fleet.test. A': { records: ['127.0.0.1'] },
      'b3.fleet.test. A': { records: ['127.0.0.1'] },
    })

  it('leaves that one out, and the others serve', async () => {
    broker = await serveBroker(genuine)
    const dialled: string[] = []
    const onEvent = (event: ConnectEvent) => {
      if (event.type === 'dialling') dialled.push(event.endpoint.host)
    }
    const lookup = threeOn(broker.port)
    const client = await connect('fleet.test', { lookup, plugins: [careful], tls: { ca }, onEvent })
    await client.endAsync()
    expect(dialled).toEqual(['b2.fleet.test.'])
  })

  it('is told where the others fail too', async () => {
    const error = await rejection(connect('fleet.test', { lookup: threeOn(await closedPort()), plugins: [careful] }))
    expect(error).toMatchObject({
      code: 'mqtt/no-broker',
      attempts: [{}, {}],
      vetoed: [{ code: 'careful/lookup-failed' }],
    })
    expect(error.message).toMatch(/b1\.fleet\.test:\d+: not tried: its TLSA lookup failed/)
  })
})

describe('a refusal by a plugin that asks once more', () => {
  const records = (port: number) =>
    fakeLookup({
      '_secure-mqtt._tcp.fleet.test. SRV': { records: [srv('b1.fleet.test', port, 0)] },
      'b1.fleet.test. A': { records: ['127.0.0.1'] },
    })
  const wary = (recheck: (fact: string) => Promise<string>): Plugin<'wary', string> => ({
    name: 'wary',
    inspect: async () => 'old',
    checkPeer: (_peer, _candidate, fact) =>
      fact === 'new'
        ? { decision: 'accept', matchDepth: 0, detail: 'the new key' }
        : { decision: 'refuse', code: 'wary/no-match', detail: `not the ${fact} key` },
    recheck,
  })

  it('is judged anew where DNS has changed: a roll-over seen half way', async () => {
    broker = await serveBroker(genuine)
    const told: string[] = []
    const onEvent = ({ type }: ConnectEvent) => void told.push(type)
    const trace: TraceEntry[] = []
    const onTrace = (entry: TraceEntry) => void trace.push(entry)
    const plugins = [wary(async () => 'new')] as const
    const client = await connect('fleet.test', { lookup: records(broker.port), plugins, tls: { ca }, onEvent, onTrace })
    await client.endAsync()
    expect(trace.slice(-2)).toMatchObject([
      {
        subject: 'b1.fleet.test.',
        code: 'peer-refused',
        detail: expect.stringMatching(/^127\.0\.0\.1 port \d+: .*not the old key/),
      },
      {
        subject: 'b1.fleet.test.',
        code: 'peer-accepted',
        detail: `127.0.0.1 port ${broker.port}, by wary: the new key`,
      },
    ])
    expect(told.slice(2, 8)).toEqual(['dialling', 'attempt-failed', 'rechecked', 'dialling', 'proved', 'connect-sent'])
  })

  it.each([
    ['where nothing changed', async (fact: string) => fact],
    ['where the change does not help', async () => 'newer'],
    [
      'where it is struck out',
      async () => {
        throw new Veto('wary/lookup-failed', 'no answer')
      },
    ],
  ])('stands %s, and no octet left', async (_, again) => {
    broker = await serveBroker(genuine)
    let asked = 0
    const counted = wary((fact) => {
      asked++
      return again(fact)
    })
    const error = await rejection(
      connect('fleet.test', { lookup: records(broker.port), plugins: [counted], tls: { ca } }),
    )
    expect(error).toMatchObject({ code: 'mqtt/tls-refused', attempts: [{ refusedBy: 'wary' }] })
    expect(asked).toBe(1)
    expect(broker.octets()).toBe(0)
  })

  it('can be aborted while it asks', async () => {
    broker = await serveBroker(genuine)
    const stop = new AbortController()
    const deaf = wary(() => {
      queueMicrotask(() => stop.abort('enough'))
      return new Promise(() => {})
    })
    const connecting = connect('fleet.test', {
      lookup: records(broker.port),
      plugins: [deaf],
      tls: { ca },
      signal: stop.signal,
    })
    await expect(connecting).rejects.toBe('enough')
  })
})

it("rejects with core's error where the service is not offered", async () => {
  const lookup = fakeLookup({ '_secure-mqtt._tcp.fleet.test. SRV': { records: [srv('.', 0, 0)] } })
  expect(await rejection(connect('fleet.test', { lookup }))).toMatchObject({ code: 'core/service-not-offered' })
})
