import { createHash } from 'node:crypto'
import { parseName } from '@portolan/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Made, make, makeChain } from './testing/pki.ts'
import { formatTlsa } from './tlsa.ts'
import { type Rollover, rolloverCoverage, tlsaFor } from './tlsa-for.node.ts'

describe('tlsaFor', () => {
  it('PEM and DER, 3 1 1 unless told otherwise (RFC 7671 §5.1)', async () => {
    const { der, pem, spki } = await make({ subject: 'CN=x' })
    const digest = createHash('sha256').update(spki).digest('hex')
    expect(formatTlsa(tlsaFor(pem))).toBe(`3 1 1 ${digest}`)
    expect(tlsaFor(der, { usage: 2, selector: 0, matchingType: 0 })).toEqual({
      usage: 2,
      selector: 0,
      matchingType: 0,
      data: der,
    })
  })

  it.each([['-----BEGIN CERTIFICATE-----'], [Uint8Array.of(0x30, 0)]])('refuses %j', (certificate) => {
    expect(() => tlsaFor(certificate)).toThrow(expect.objectContaining({ option: 'certificate' }))
  })
})

describe('rolloverCoverage (RFC 7671 §8)', () => {
  let ecdsa: Made
  let rsa: Made
  let next: Made
  let ca: Made

  beforeAll(async () => {
    const chain = await makeChain()
    ca = chain.intermediate
    ecdsa = chain.leaf
    rsa = await make({ subject: 'CN=rsa', issuer: ca, algorithm: 'rsa', dnsNames: ['broker.fleet.test'] })
    next = await make({
      subject: 'CN=n',
      issuer: ca,
      dnsNames: ['broker.fleet.test'],
      notBefore: '2027-01-01T00:00:00Z',
    })
  })

  const cover = (tlsa: Rollover['tlsa'], current: readonly Made[], following: readonly Made[]) =>
    rolloverCoverage({
      tlsa,
      current: current.map(({ der }) => [der, ca.der]),
      next: following.map(({ der }) => [der, ca.der]),
      referenceNames: [parseName('broker.fleet.test')],
      nowMs: Date.parse('2026-11-22T00:00:00Z'),
    })

  it('covered where both are, the next one from its first day on', () => {
    expect(cover([tlsaFor(ecdsa.der), tlsaFor(next.der)], [ecdsa], [next])).toEqual({ covered: true, gaps: [] })
    expect(cover([tlsaFor(ca.der, { usage: 2 })], [ecdsa], [next])).toEqual({ covered: true, gaps: [] })
  })

  it('names the side and the key type that are not', () => {
    expect(cover([tlsaFor(ecdsa.der)], [ecdsa], [next])).toMatchObject({
      covered: false,
      gaps: [{ side: 'next', keyType: 'ec', because: 'refused', refusal: { code: 'no-match' } }],
    })
    expect(cover([tlsaFor(ecdsa.der), tlsaFor(next.der)], [ecdsa, rsa], [next]).gaps).toMatchObject([
      { side: 'current', keyType: 'rsa', because: 'refused' },
      { side: 'next', keyType: 'rsa', because: 'key-type-missing' },
    ])
    expect(cover([], [ecdsa], [next]).gaps).toMatchObject([
      { because: 'no-usable-tlsa' },
      { because: 'no-usable-tlsa' },
    ])
  })
})
