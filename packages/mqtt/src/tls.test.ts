import type { Plugin } from '@portolan/core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Credentials, makeAuthority } from './testing/certificates.ts'
import { at, type Harness, harness, rejection, testAuthority } from './testing/harness.ts'
import { serve, serveBroker } from './testing/servers.ts'

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
