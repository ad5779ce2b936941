import { createHash, generateKeyPairSync } from 'node:crypto'
import { parseName } from '@portolan/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { judgeDane } from './dane.node.ts'
import { sameOctets } from './der.ts'
import { frameCertificate } from './frame.ts'
import { judgePkix } from './pkix.node.ts'
import { ascii, element, sequence } from './testing/der.ts'
import { type Made, make, makeChain } from './testing/pki.ts'
import { parseTlsa, type Tlsa } from './tlsa.ts'
import { tlsaFor } from './tlsa-for.node.ts'
import type { JudgeOptions, Verdict } from './verdict.ts'

const NOW_MS = Date.parse('2026-11-22T00:00:00Z')
const referenceNames = [parseName('broker.fleet.test')]
let chain: { root: Made; intermediate: Made; leaf: Made }
let stranger: Made

beforeAll(async () => {
  chain = await makeChain()
  stranger = await make({ subject: 'CN=Test CA', ca: true })
})

function judge(
  tlsa: readonly Tlsa[],
  ders: readonly Uint8Array[],
  options: JudgeOptions = {},
  nowMs = NOW_MS,
): Verdict {
  return judgeDane(tlsa, { chain: ders, referenceNames }, nowMs, options)
}

const sent = () => [chain.leaf.der, chain.intermediate.der, chain.root.der]
const kinds = ([0, 1] as const).flatMap((selector) =>
  ([0, 1, 2] as const).map((matchingType) => [`${selector} ${matchingType}`, { selector, matchingType }] as const),
)

describe('one record, of every kind (RFC 6698 §2.1)', () => {
  it.each(kinds)('3 %s of the leaf', (_title, kind) => {
    const record = tlsaFor(chain.leaf.der, { usage: 3, ...kind })
    expect(judge([record], sent())).toMatchObject({ decision: 'accept', by: 'dane', matchDepth: 0, record })
    expect(judge([tlsaFor(stranger.der, { usage: 3, ...kind })], sent())).toMatchObject({ code: 'no-match' })
  })

  it.each(kinds)('2 %s of the nearest matching CA (RFC 7671 §5.2)', (_title, kind) => {
    const both = [chain.root, chain.intermediate].map(({ der }) => tlsaFor(der, { usage: 2, ...kind }))
    expect(judge(both, sent())).toMatchObject({ decision: 'accept', matchDepth: 1, bareKey: false })
    expect(judge(both.slice(0, 1), sent())).toMatchObject({ decision: 'accept', matchDepth: 2 })
  })

  it.each([
    ['2 0 0', 0, 'accept'],
    ['2 1 0', 1, 'accept'],
    ['2 0 1', 0, 'refuse'],
  ] as const)('%s of a CA that was not sent (RFC 7671 §5.2.2, §5.2.3)', (text, selector, decision) => {
    const matchingType = text === '2 0 1' ? 1 : 0
    const record = tlsaFor(chain.intermediate.der, { usage: 2, selector, matchingType })
    expect(judge([record], [chain.leaf.der])).toMatchObject({ decision })
  })

  it('2 1 0 never proves a leaf by the key that it has itself', async () => {
    const own = await make({ subject: 'CN=self', dnsNames: ['broker.fleet.test'] })
    expect(judge([tlsaFor(own.der, { usage: 2, matchingType: 0 })], [own.der])).toMatchObject({ decision: 'refuse' })
  })

  it.each([0, 1] as const)('%s x x only with a trusted root above (RFC 7671 §5.3, §5.4)', (usage) => {
    const record = tlsaFor(usage === 1 ? chain.leaf.der : chain.intermediate.der, { usage })
    const usages = [0, 1, 2, 3] as const
    const trusted = { usages, trustedRoots: [chain.root.der] }
    expect(judge([record], sent(), trusted)).toMatchObject({ decision: 'accept', matchDepth: 1 - usage })
    expect(judge([record], sent(), { usages, trustedRoots: [] })).toMatchObject({
      decision: 'refuse',
      code: 'no-issuer',
    })
  })

  it('usages 0 and 1 are unusable unless they are enabled (RFC 7671 §4)', () => {
    expect(judge([tlsaFor(chain.leaf.der, { usage: 1 })], sent()).decision).toBe('defer-to-pkix')
  })
})

describe('what DANE-EE ignores and DANE-TA does not (RFC 7671 §5.1, §5.2)', () => {
  it.each([
    ['another name', { dnsNames: ['other.test'] }, 'name-mismatch'],
    ['an old certificate', { notAfter: '2021-01-01T00:00:00Z' }, 'expired'],
    ['one from the future', { notBefore: '2039-01-01T00:00:00Z' }, 'not-yet-valid'],
  ] as const)('%s', async (_title, bend, code) => {
    const leaf = await make({
      subject: 'CN=bent',
      issuer: chain.intermediate,
      dnsNames: ['broker.fleet.test'],
      ...bend,
    })
    const ders = [leaf.der, chain.intermediate.der]
    expect(judge([tlsaFor(leaf.der)], ders)).toMatchObject({ decision: 'accept', matchDepth: 0 })
    expect(judge([tlsaFor(chain.intermediate.der, { usage: 2 })], ders)).toMatchObject({ decision: 'refuse', code })
  })

  it('dates follow the clock that was given', () => {
    const record = tlsaFor(chain.intermediate.der, { usage: 2 })
    expect(judge([record], sent(), {}, Date.parse('2040-01-01T00:00:00Z'))).toMatchObject({ decision: 'accept' })
    expect(judge([record], sent(), {}, Date.parse('2040-01-01T00:00:00.001Z'))).toMatchObject({ code: 'expired' })
  })

  it('SRV-ID names the service domain (RFC 4985 §2)', async () => {
    const { Extension } = await import('@peculiar/x509')
    const name = element(0x16, ascii('_secure-mqtt.fleet.test'))
    const onDnsSrv = element(6, 0x2b, 6, 1, 5, 5, 7, 8, 7)
    const value = Uint8Array.from(sequence(element(0xa0, onDnsSrv, element(0xa0, name))))
    const extensions = [new Extension('2.5.29.17', false, value)]
    const leaf = await make({ subject: 'CN=srv', issuer: chain.intermediate, extensions })
    const evidence = { chain: [leaf.der, chain.intermediate.der], referenceNames }
    const record = tlsaFor(chain.intermediate.der, { usage: 2 })
    expect(judgeDane([record], evidence, NOW_MS)).toMatchObject({ code: 'name-mismatch' })
    const srvNames = [parseName('_secure-mqtt.fleet.test')]
    expect(judgeDane([record], { ...evidence, srvNames }, NOW_MS)).toMatchObject({ decision: 'accept' })
  })
})

describe('a set of records', () => {
  it('none usable: DANE has nothing to say (RFC 6698 §4.1)', () => {
    expect(judge([], sent()).decision).toBe('defer-to-pkix')
    expect(judge([parseTlsa('3 1 1 00')], sent()).decision).toBe('defer-to-pkix')
  })

  it('one usable and unmatched beside unusable ones: refused, not left to PKIX', () => {
    expect(judge([parseTlsa('3 1 1 00'), tlsaFor(stranger.der)], sent())).toMatchObject({ code: 'no-match' })
  })

  it('a locally trusted root proves by PKIX first, by DANE-TA where PKIX records do not match', () => {
    const trusted = { usages: [0, 1, 2, 3], trustedRoots: [chain.root.der] } as const
    const [ee, ta, key] = [
      tlsaFor(chain.leaf.der, { usage: 1 }),
      tlsaFor(chain.root.der, { usage: 2 }),
      tlsaFor(chain.root.der, { usage: 2, matchingType: 0 }),
    ]
    expect(judge([ta, ee], sent(), trusted)).toMatchObject({ record: ee, matchDepth: 0 })
    expect(judge([ta, tlsaFor(stranger.der, { usage: 1 })], sent(), trusted)).toMatchObject({ matchDepth: 2 })
    const pkixTa = tlsaFor(chain.root.der, { usage: 0 })
    expect(judge([key, pkixTa], sent().slice(0, 2), trusted)).toMatchObject({ record: pkixTa, matchDepth: 2 })
    const nearer = tlsaFor(chain.intermediate.der, { usage: 2 })
    expect(judge([nearer, ee], sent(), trusted)).toMatchObject({ record: nearer, matchDepth: 1 })
  })

  it('a certificate that DNS has is nearer than its twin that was sent (RFC 7671 §5.2.2)', async () => {
    const { subject, keys } = chain.intermediate
    const twin = await make({ subject, issuer: chain.root, ca: true, keys })
    const full = { usage: 2, selector: 0, matchingType: 0 } as const
    const records = [tlsaFor(chain.root.der, full), tlsaFor(chain.intermediate.der, full)]
    expect(judge(records, [chain.leaf.der, twin.der, chain.root.der])).toMatchObject({ matchDepth: 1 })
  })

  it('a refusal says what was published, what was shown and what would have matched', () => {
    const digest = createHash('sha256').update(chain.leaf.spki).digest('hex')
    const verdict = judge([tlsaFor(stranger.der)], sent())
    if (verdict.decision !== 'refuse') throw new Error('not refused')
    expect(verdict.facts.wouldMatch).toBe(`3 1 1 ${digest}`)
    expect(verdict.facts.shown).toHaveLength(3)
    expect(verdict.detail).toContain(`Published: 3 1 1 `)
    expect(verdict.detail).toContain('broker.fleet.test, valid until 2040-01-01')
    expect(verdict.detail).toContain(digest)
  })
})

describe('hostile input ends in a refusal', () => {
  it('changing any octet of the key or of the data never turns a refusal into an acceptance, nor keeps an acceptance', () => {
    const framed = frameCertificate(chain.leaf.der)
    if (!framed) throw new Error('no frame')
    const keyAt = framed.spki.byteOffset - framed.der.byteOffset
    fc.assert(
      fc.property(fc.nat(framed.spki.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bent = Uint8Array.from(chain.leaf.der)
        bent[keyAt + at] = (bent[keyAt + at] ?? 0) ^ flip
        const ders = [bent, chain.intermediate.der, chain.root.der]
        const records = [tlsaFor(chain.leaf.der), tlsaFor(chain.intermediate.der, { usage: 2 })]
        for (const tlsa of [records, records.slice(0, 1), records.slice(1)]) {
          expect(judge(tlsa, ders).decision).toBe('refuse')
        }
      }),
    )
    fc.assert(
      fc.property(fc.nat(31), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, ta) => {
        const record = ta ? tlsaFor(chain.root.der, { usage: 2 }) : tlsaFor(chain.leaf.der)
        const data = Uint8Array.from(record.data)
        data[at] = (data[at] ?? 0) ^ flip
        expect(judge([{ ...record, data }], sent()).decision).toBe('refuse')
      }),
    )
  })

  it('adding and reordering surplus certificates never turns a refusal into an acceptance', async () => {
    const other = await makeChain()
    const expired = await make({
      subject: 'CN=Test CA',
      issuer: chain.root,
      ca: true,
      notAfter: '2021-01-01T00:00:00Z',
    })
    const pool = [...sent().slice(1), other.leaf.der, other.intermediate.der, other.root.der, stranger.der, expired.der]
    const refused = [
      tlsaFor(other.leaf.der),
      tlsaFor(chain.leaf.der, { usage: 2 }),
      tlsaFor(other.root.der, { usage: 2 }),
    ]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pool), { maxLength: 12 }),
        fc.subarray(refused, { minLength: 1 }),
        (extra, tlsa) => {
          expect(judge(tlsa, [chain.leaf.der, ...extra]).decision).toBe('refuse')
        },
      ),
    )
    const record = tlsaFor(chain.root.der, { usage: 2 })
    fc.assert(
      fc.property(fc.shuffledSubarray(pool, { minLength: pool.length }), (all) => {
        expect(judge([record], [chain.leaf.der, ...all])).toMatchObject({ decision: 'accept', matchDepth: 2 })
      }),
    )
  })

  it('octets of any kind never throw, as certificates or as records', () => {
    const octets = fc.uint8Array({ maxLength: 200 })
    const bent = fc.tuple(fc.nat(chain.leaf.der.length - 1), fc.nat(255)).map(([at, value]) => {
      const der = Uint8Array.from(chain.leaf.der)
      der[at] = value
      return der
    })
    const record = fc.record({
      usage: fc.nat(4),
      selector: fc.nat(2),
      matchingType: fc.nat(3),
      data: fc.oneof(octets, bent),
    })
    fc.assert(
      fc.property(fc.array(record), fc.array(fc.oneof(octets, bent)), (tlsa, ders) => {
        const genuine = tlsa.some(({ data }) => sameOctets(data, ders[0] ?? new Uint8Array([1])))
        const verdict = judge([...tlsa, tlsaFor(stranger.der)], ders, { usages: [0, 1, 2, 3], trustedRoots: [] })
        if (!genuine) expect(verdict.decision).toBe('refuse')
        expect(judgePkix({ chain: ders, referenceNames }, NOW_MS, { trustedRoots: [] }).decision).toBe('refuse')
      }),
    )
  })

  it('a path that is too long is told from one that is missing', async () => {
    const path = [await make({ subject: 'CN=0', ca: true })]
    for (let i = 1; i <= 18; i++) path.unshift(await make({ subject: `CN=${i}`, issuer: path[0], ca: true }))
    const leaf = await make({ subject: 'CN=leaf', issuer: path[0], dnsNames: ['broker.fleet.test'] })
    const ders = [leaf, ...path].map(({ der }) => der)
    const at = (depth: number) => judge([tlsaFor(ders[depth] ?? leaf.der, { usage: 2 })], ders)
    expect(at(16)).toMatchObject({ decision: 'accept', matchDepth: 16 })
    expect(at(17)).toMatchObject({ decision: 'refuse', code: 'search-limit' })
  })

  it('any of many bare keys proves, wherever in the set it stands (RFC 6698 §2.1), up to a bound', () => {
    const right = tlsaFor(chain.intermediate.der, { usage: 2, matchingType: 0 })
    const others = Array.from({ length: 256 }, () => {
      const { publicKey } = generateKeyPairSync('ed25519')
      return { ...right, data: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })) }
    })
    for (const set of [
      [right, ...others],
      [...others.slice(1), right],
    ]) {
      expect(judge(set, [chain.leaf.der])).toMatchObject({ decision: 'accept', record: right, bareKey: true })
    }
    expect(judge([...others, right], [chain.leaf.der])).toMatchObject({ decision: 'refuse', code: 'search-limit' })
  })

  it('a web of CAs that lead nowhere ends at the bound (RFC 4158)', async () => {
    const names = ['CN=a', 'CN=b', 'CN=c', 'CN=d', 'CN=e', 'CN=f']
    const web: Made[] = []
    for (const subject of names) web.push(await make({ subject, ca: true }))
    const cross: Uint8Array[] = []
    for (const issuer of web) {
      for (const { subject, keys } of web) cross.push((await make({ subject, issuer, ca: true, keys })).der)
    }
    const leaf = await make({ subject: 'CN=leaf', issuer: web[0], dnsNames: ['broker.fleet.test'] })
    expect(judge([tlsaFor(stranger.der, { usage: 2, matchingType: 0 })], [leaf.der, ...cross])).toMatchObject({
      decision: 'refuse',
      code: 'search-limit',
    })
  })
})

describe('PKIX alone (RFC 5280 §6)', () => {
  it('accepts a path to a trusted root, and names the reason otherwise', () => {
    const evidence = { chain: sent().slice(0, 2), referenceNames }
    expect(judgePkix(evidence, NOW_MS, { trustedRoots: [chain.root.der] })).toMatchObject({
      decision: 'accept',
      by: 'pkix',
      matchDepth: null,
    })
    expect(judgePkix(evidence, NOW_MS, { trustedRoots: [stranger.der] })).toMatchObject({ code: 'bad-signature' })
    expect(judgePkix(evidence, NOW_MS)).toMatchObject({ code: 'no-issuer' })
  })
})
