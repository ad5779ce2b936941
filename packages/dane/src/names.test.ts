import { parseName } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { identifies, matchesDnsId } from './names.ts'

describe('DNS-ID (RFC 9525 §6.3)', () => {
  it.each([
    ['broker.fleet.test', 'broker.fleet.test', true],
    ['BROKER.Fleet.TEST', 'broker.fleet.test', true],
    ['*.fleet.test', 'broker.fleet.test', true],
    ['*.fleet.test', 'xn--brker-jua.fleet.test', true],
    ['*.fleet.test', 'fleet.test', false],
    ['*.fleet.test', '_broker.fleet.test', false],
    ['*.fleet.test', 'a.broker.fleet.test', false],
    ['*.test', 'fleet.test', false],
    ['*', 'test', false],
    ['b*.fleet.test', 'broker.fleet.test', false],
    ['*oker.fleet.test', 'broker.fleet.test', false],
    ['broker.*.test', 'broker.fleet.test', false],
    ['*.*.test', 'broker.fleet.test', false],
    ['.fleet.test', 'broker.fleet.test', false],
    ['broker.fleet.test.', 'broker.fleet.test', false],
    ['broker.fleet.test\0.evil.test', 'broker.fleet.test', false],
    ['bröker.fleet.test', 'xn--brker-jua.fleet.test', false],
    ['fleet.test', 'broker.fleet.test', false],
    ['evilbroker.fleet.test', 'broker.fleet.test', false],
  ])('%j for %s: %s', (presented, reference, fits) => {
    expect(matchesDnsId(presented, parseName(reference))).toBe(fits)
  })
})

describe('SRV-ID (RFC 4985 §2)', () => {
  const presented = (text: string) => {
    const value = Uint8Array.of(0x16, text.length, ...new TextEncoder().encode(text))
    return [{ form: 'other' as const, typeId: '1.3.6.1.5.5.7.8.7', value }]
  }
  const reference = { names: [parseName('b1.test')], srvNames: [parseName('_secure-mqtt.fleet.test')] }

  it.each([
    ['_secure-mqtt.fleet.test', true],
    ['_Secure-MQTT.Fleet.test', true],
    ['_xmpp.fleet.test', false],
    ['_secure-mqtt.other.test', false],
    ['*.fleet.test', false],
  ])('%s: %s', (text, fits) => expect(identifies(presented(text), reference)).toBe(fits))

  it('counts only where it was asked for', () => {
    expect(identifies(presented('_secure-mqtt.fleet.test'), { names: reference.names })).toBe(false)
  })
})
