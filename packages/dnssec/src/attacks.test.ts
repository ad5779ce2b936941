/** The attacks that a validator must refuse, each over a zone signed for the purpose (RFC 4035 §5, RFC 5155 §8, RFC 6840 §4). */
import { parseName, type Reply } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { RRSIG } from './records/rrsig.ts'
import {
  A,
  address,
  alias,
  island,
  NOW,
  NS,
  nsec,
  nsec3,
  rrset,
  SOA,
  soa,
  TXT,
  type World,
  zone,
} from './signed-world.test.node.ts'
import { validated } from './validated.ts'

const [CNAME, DNAME, MX, ANY] = [5, 39, 15, 255]

async function judged(world: World, name: string, type: number = A): Promise<Reply> {
  return validated(world.exchange, world.options)({ name: parseName(name), type })
}

async function reasonOf(world: World, name: string, type: number = A): Promise<string> {
  const { proof, answer } = await judged(world, name, type)
  if (proof?.security === 'bogus') expect(answer).toEqual([])
  return proof === undefined ? 'unjudged' : proof.security === 'secure' ? 'secure' : `${proof.security} ${proof.reason}`
}

describe('signatures (RFC 4035 §5.3)', () => {
  it('accepts a signed answer', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { answer: [example.sign(rrset('www.example.', A, address(1)))] })
    const { proof, answer } = await judged(world, 'www.example.')
    expect(proof).toMatchObject({ security: 'secure', zone: 'example.', provenance: 'validated' })
    expect(proof?.chain.map(({ zone: at, type }) => `${at} ${type}`)).toEqual(['example. DNSKEY', 'example. A'])
    expect(answer).toHaveLength(1)
  })

  it.each([
    ['a labels count above the owner', { labels: 3 }, 'bogus too-many-labels'],
    ['another type covered', { typeCovered: TXT }, 'bogus signature-malformed'],
    ['an expired period', { expiration: NOW - 1 }, 'bogus signature-expired'],
    ['a period to come', { inception: NOW + 1 }, 'bogus signature-not-yet-valid'],
    ['an end before its beginning', { inception: NOW, expiration: NOW - 1 }, 'bogus signature-expired-before-valid'],
    [
      'a period of more than 68 years (RFC 1982)',
      { inception: NOW, expiration: (NOW + 2 ** 31 + 1) >>> 0 },
      'bogus signature-expired-before-valid',
    ],
    ['an unknown key tag', { keyTag: 1 }, 'bogus no-matching-key'],
    ['another algorithm', { algorithm: 13 }, 'bogus no-matching-key'],
  ])('refuses one with %s', async (_, fields, wanted) => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { answer: [example.sign(rrset('www.example.', A, address(1)), fields)] })
    expect(await reasonOf(world, 'www.example.')).toBe(wanted)
  })

  it.each([
    ['the first second', { inception: NOW }],
    ['the last second', { expiration: NOW }],
  ])('accepts %s of the period', async (_, fields) => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { answer: [example.sign(rrset('www.example.', A, address(1)), fields)] })
    expect(await reasonOf(world, 'www.example.')).toBe('secure')
  })

  it('compares times around the wrap of 32 bits (RFC 4034 §3.1.5)', async () => {
    const { zone: example, world } = await island()
    const wrapMs = 2 ** 32 * 1000
    const late = (set: Parameters<typeof example.sign>[0]) =>
      example.sign({ ...set, signatures: [] }, { inception: 2 ** 32 - 100, expiration: 100 })
    world.put('example.', DNSKEY.code, { answer: [late(example.dnskeys)] })
    world.put('www.example.', A, { answer: [late(rrset('www.example.', A, address(1)))] })
    world.options = { ...world.options, now: () => wrapMs + 5_000 }
    expect(await reasonOf(world, 'www.example.')).toBe('secure')
  })

  it.each([
    ['the zone bit', { flags: 1 }],
    ['protocol 3', { flags: 257, protocol: 2 }],
    ['a clean REVOKE bit (RFC 5011 §2.1)', { flags: 257 | 0x80 }],
  ])('refuses a key without %s', async (_, fields) => {
    const { zone: example, world } = await island()
    const bad = zone('example.', fields)
    world.put('example.', DNSKEY.code, {
      answer: [example.sign(rrset('example.', DNSKEY.code, example.dnskeyRdata, bad.dnskeyRdata))],
    })
    world.put('www.example.', A, { answer: [bad.sign(rrset('www.example.', A, address(1)))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus no-matching-key')
  })

  it('refuses a signer that is no zone above the owner', async () => {
    const { zone: example, world } = await island()
    const other = zone('other.')
    world.options = { ...world.options, trustAnchors: [await example.anchor(), await other.anchor()] }
    world.put('other.', DNSKEY.code, { answer: [other.dnskeys] })
    world.put('www.example.', A, { answer: [other.sign(rrset('www.example.', A, address(1)))] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'example.', A))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus wrong-signer')
  })

  it('refuses a name inside the zone that poses as one', async () => {
    const { zone: example, world } = await island()
    const posing = zone('www.example.')
    world.put('www.example.', A, { answer: [posing.sign(rrset('www.example.', A, address(1)))] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'example.', A))] })
    world.put('www.example.', DNSKEY.code, { answer: [posing.dnskeys] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus wrong-signer')
  })

  it('caps a TTL above the original and above the rest of the signature (RFC 4035 §5.3.3)', async () => {
    const { zone: example, world } = await island()
    const set = rrset('www.example.', A, address(1))
    world.put('www.example.', A, { answer: [example.sign(set, { originalTtlSeconds: 60, expiration: NOW + 30 })] })
    const { answer, proof } = await judged(world, 'www.example.')
    expect(answer[0]?.records[0]?.ttlSeconds).toBe(30)
    expect(proof?.validUntilMs).toBe((NOW + 30) * 1000)
  })
})

describe('answers that are none', () => {
  it('refuses records of another name than was asked for', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { answer: [example.sign(rrset('other.example.', A, address(1)))] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'example.', A))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus signature-missing')
  })

  it('refuses unsigned records beside signed ones', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, {
      answer: [example.sign(rrset('www.example.', A, address(1))), rrset('evil.example.', A, address(6))],
    })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus foreign-records')
  })

  it('refuses NXDOMAIN beside a proved answer', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { rcode: 3, answer: [example.sign(rrset('www.example.', A, address(1)))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus rcode-contradicts-proof')
  })

  it('refuses a wildcard replayed at a name that exists', async () => {
    const { zone: example, world } = await island()
    const replayed = example.sign(rrset('www.example.', A, address(1)), { signedAs: '*.example.' })
    const own = example.sign(nsec('www.example.', 'zzz.example.', TXT))
    world.put('www.example.', A, { answer: [replayed], authority: [own] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus wildcard-unproved')
  })

  it('accepts a wildcard where the name is denied, and refuses it below a closer name', async () => {
    const { zone: example, world } = await island()
    const expanded = (owner: string) => example.sign(rrset(owner, A, address(1)), { signedAs: '*.example.' })
    const cover = example.sign(nsec('*.example.', 'closer.example.', A))
    world.put('b.example.', A, { answer: [expanded('b.example.')], authority: [cover] })
    expect(await reasonOf(world, 'b.example.')).toBe('secure')
    // The NSEC shows closer.example. to exist, so *.example. does not stand for what is below it (RFC 4592 §3.3.1).
    const below = example.sign(nsec('closer.example.', 'z.example.', A))
    world.put('x.closer.example.', A, { answer: [expanded('x.closer.example.')], authority: [below] })
    expect(await reasonOf(world, 'x.closer.example.')).toBe('bogus wildcard-unproved')
  })

  it('makes the CNAME of a DNAME anew instead of believing it (RFC 6672 §5.3.1)', async () => {
    const { zone: example, world } = await island()
    const dname = example.sign(rrset('d.example.', DNAME, alias('t.example.')))
    const forged = rrset('www.d.example.', CNAME, alias('evil.example.'))
    world.put('www.d.example.', A, { answer: [dname, forged] })
    const { answer, proof } = await judged(world, 'www.d.example.')
    expect(proof?.security).toBe('secure')
    expect(answer.map(({ owner, type, records }) => [owner, type, records[0]?.rdata])).toEqual([
      ['d.example.', DNAME, alias('t.example.')],
      ['www.d.example.', CNAME, alias('www.t.example.')],
    ])
  })
})

describe('aliases and ANY', () => {
  it('refuses a second CNAME beside the one that follows from a DNAME (RFC 2181 §10.1)', async () => {
    const { zone: example, world } = await island()
    const dname = example.sign(rrset('d.example.', DNAME, alias('t.example.')))
    const two = rrset('www.d.example.', CNAME, alias('www.t.example.'), alias('evil.example.'))
    world.put('www.d.example.', A, { answer: [dname, two] })
    expect(await reasonOf(world, 'www.d.example.')).toBe('bogus malformed-alias')
  })

  it('refuses to follow a DNAME that was made of a wildcard (RFC 6672 §3.3)', async () => {
    const { zone: example, world } = await island()
    const expanded = example.sign(rrset('d.example.', DNAME, alias('t.example.')), { signedAs: '*.example.' })
    const denied = example.sign(nsec('example.', 'z.example.', NS, SOA))
    world.put('www.d.example.', A, { answer: [expanded], authority: [denied] })
    expect(await reasonOf(world, 'www.d.example.')).toBe('bogus wildcard-not-allowed')
  })

  it('judges each RRset of an answer to ANY (RFC 8482)', async () => {
    const { zone: example, world } = await island()
    const [a, txt] = [rrset('www.example.', A, address(1)), rrset('www.example.', TXT, Uint8Array.from([1, 0x78]))]
    world.put('www.example.', ANY, { answer: [example.sign(a), example.sign(txt)] })
    expect(await reasonOf(world, 'www.example.', ANY)).toBe('secure')
    world.put('www.example.', ANY, { answer: [example.sign(a), txt] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'example.', A, TXT))] })
    expect(await reasonOf(world, 'www.example.', ANY)).toBe('bogus signature-missing')
  })

  it('leaves several aliases at a name of an insecure zone to whoever follows them (RFC 4035 §4.3)', async () => {
    const { zone: example, world } = await island()
    const two = rrset('www.sub.example.', CNAME, alias('a.sub.example.'), alias('b.sub.example.'))
    world.put('sub.example.', DS.code, { authority: [example.sign(nsec('sub.example.', 'z.example.', NS))] })
    world.put('www.sub.example.', A, { answer: [two] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('insecure no-ds')
    world.put('www.example.', A, {
      answer: [example.sign(rrset('www.example.', CNAME, alias('a.example.'), alias('b.example.')))],
    })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus malformed-alias')
  })

  it.each([ANY, CNAME])('answers type %i below a DNAME with the alias made anew', async (type) => {
    const { zone: example, world } = await island()
    const dname = example.sign(rrset('d.example.', DNAME, alias('t.example.')))
    world.put('www.d.example.', type, { answer: [dname, rrset('www.d.example.', CNAME, alias('evil.example.'))] })
    const { answer, proof } = await judged(world, 'www.d.example.', type)
    expect(proof?.security).toBe('secure')
    expect(answer.at(-1)?.records[0]?.rdata).toEqual(alias('www.t.example.'))
  })

  it.each([ANY, CNAME])('takes NXDOMAIN under type %i below a DNAME for the word on its target', async (type) => {
    const { zone: example, world } = await island()
    const dname = example.sign(rrset('d.example.', DNAME, alias('t.example.')))
    const synthesis = rrset('www.d.example.', CNAME, alias('www.t.example.'))
    const denial = [nsec('t.example.', 'z.example.', TXT), soa('example.')].map((one) => example.sign(one))
    world.put('www.d.example.', type, { rcode: 3, answer: [dname, synthesis], authority: denial })
    expect(await judged(world, 'www.d.example.', type)).toMatchObject({ rcode: 3, proof: { security: 'secure' } })
    world.put('www.d.example.', type, { rcode: 3, answer: [dname, synthesis] })
    world.put('www.t.example.', DS.code, { authority: [example.sign(nsec('www.t.example.', 'z.example.', A))] })
    expect(await judged(world, 'www.d.example.', type)).toMatchObject({ rcode: 0, denial: undefined })
  })

  it('calls no signature secure that somebody asked for, but its absence with the whole name', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', RRSIG.code, { answer: [example.sign(rrset('www.example.', A))] })
    expect(await reasonOf(world, 'www.example.', RRSIG.code)).toBe('insecure not-signed-type')
    const denial = [nsec('example.', 'z.example.', NS, SOA), soa('example.')].map((one) => example.sign(one))
    world.put('x.example.', RRSIG.code, { rcode: 3, authority: denial })
    expect(await reasonOf(world, 'x.example.', RRSIG.code)).toBe('secure')
    world.put('x.example.', RRSIG.code, { rcode: 3, authority: denial.slice(1) })
    expect(await reasonOf(world, 'x.example.', RRSIG.code)).toMatch(/^bogus /)
  })

  it('passes over what a server adds to ANY, and hands on what is proved', async () => {
    const { zone: example, world } = await island()
    const cname = example.sign(rrset('www.example.', CNAME, alias('a.elsewhere.')))
    world.put('www.example.', ANY, { answer: [cname, rrset('a.elsewhere.', A, address(6))] })
    const { answer, proof } = await judged(world, 'www.example.', ANY)
    expect(proof?.security).toBe('secure')
    expect(answer.map(({ owner, type }) => [owner, type])).toEqual([['www.example.', CNAME]])
  })

  it.each([
    ['of the name itself', 'sub.example.', A, 0],
    ['of a name below', 'www.sub.example.', A, 0],
    ['under NXDOMAIN', 'www.sub.example.', A, 3],
    ['of a DS below', 'www.sub.example.', DS.code, 0],
  ])('takes the proof of an unsigned delegation, sent as the denial %s, for insecure', async (_, name, type, rcode) => {
    const { zone: example, world } = await island()
    const cut = example.sign(nsec('sub.example.', 'z.example.', NS))
    const authority = [cut, example.sign(soa('example.'))]
    world.put(name, type, { rcode, authority })
    expect(await reasonOf(world, name, type)).toBe('insecure no-ds')
    const cname = example.sign(rrset('w.example.', CNAME, alias(name)))
    world.put('w.example.', A, { answer: [cname], rcode, authority })
    expect(await reasonOf(world, 'w.example.')).toBe('insecure no-ds')
    const signed = example.sign(nsec('sub.example.', 'z.example.', NS, DS.code))
    world.put(name, type, { rcode, authority: [signed, example.sign(soa('example.'))] })
    expect(await reasonOf(world, name, type)).toBe('bogus denial-insufficient')
  })
})

describe('denial by NSEC', () => {
  const denied = async (
    records: readonly Parameters<ReturnType<typeof zone>['sign']>[0][],
    name: string,
    type: number,
    rcode = 0,
  ) => {
    const { zone: example, world } = await island()
    world.put(name, type, { rcode, authority: [...records, soa('example.')].map((one) => example.sign(one)) })
    return reasonOf(world, name, type)
  }

  it('accepts NODATA, NXDOMAIN and an empty non-terminal', async () => {
    expect(await denied([nsec('www.example.', 'example.', A)], 'www.example.', TXT)).toBe('secure')
    expect(await denied([nsec('example.', 'z.example.', NS, SOA)], 'b.example.', A, 3)).toBe('secure')
    expect(await denied([nsec('a.example.', 'x.b.example.', A)], 'b.example.', A)).toBe('secure')
  })

  it('takes an empty non-terminal called NXDOMAIN for NODATA, but not where NSEC3 stand beside it', async () => {
    const proof = [nsec('a.example.', 'x.b.example.', A), nsec('example.', 'a.example.', NS, SOA)]
    expect(await denied(proof, 'b.example.', A, 3)).toBe('secure')
    const both = [...proof, await nsec3('b.example.', { zone: 'example.', match: true })]
    expect(await denied(both, 'b.example.', A, 3)).toBe('bogus rcode-contradicts-proof')
  })

  it('accepts NODATA by a wildcard that is an empty non-terminal (RFC 4592 §2.2.2)', async () => {
    const wildcard = nsec('w.example.', 'z.*.w.example.', A)
    const cover = nsec('z.*.w.example.', 'x.example.', A)
    expect(await denied([wildcard, cover], 'n.w.example.', A)).toBe('secure')
    expect(await denied([wildcard, cover], 'n.w.example.', A, 3)).toBe('bogus rcode-contradicts-proof')
    expect(await denied([cover], 'n.w.example.', A)).toBe('bogus denial-insufficient')
  })

  it.each([
    [
      'the parent side of a cut for data of the child (RFC 6840 §4.4)',
      [nsec('sub.example.', 'z.example.', NS, DS.code)],
      'sub.example.',
      A,
      0,
    ],
    [
      'a cut above for names below it (RFC 6840 §4.1)',
      [nsec('sub.example.', 'z.example.', NS, DS.code), nsec('example.', 'a.example.', NS, SOA)],
      'www.sub.example.',
      A,
      3,
    ],
    [
      'a DNAME above for names below it (RFC 6672 §5.3.4.1)',
      [nsec('d.example.', 'z.example.', DNAME), nsec('example.', 'd.example.', NS, SOA)],
      'www.d.example.',
      A,
      3,
    ],
    [
      'the side of the child for its DS (RFC 6840 §4.4)',
      [nsec('sub.example.', 'z.example.', NS, SOA)],
      'sub.example.',
      DS.code,
      0,
    ],
    ['a next name outside the zone', [nsec('example.', 'z.other.', NS, SOA)], 'b.example.', A, 3],
    ['a bit map with a CNAME', [nsec('www.example.', 'example.', CNAME)], 'www.example.', TXT, 0],
    ['an NXDOMAIN without a word on the wildcard', [nsec('a.example.', 'c.example.', A)], 'b.example.', A, 3],
    [
      'the last NSEC pointing elsewhere than to the apex',
      [nsec('x.example.', 'a.example.', A), nsec('example.', 'a.example.', NS, SOA)],
      'y.example.',
      A,
      3,
    ],
    ['an NXDOMAIN proof under NOERROR', [nsec('example.', 'z.example.', NS, SOA)], 'b.example.', A, 0],
    ['a NODATA proof under NXDOMAIN', [nsec('www.example.', 'example.', A)], 'www.example.', TXT, 3],
  ])('refuses %s', async (_, records, name, type, rcode) => {
    expect(await denied(records, name, type, rcode)).toMatch(/^bogus (denial-insufficient|rcode-contradicts-proof)$/)
  })

  it('refuses an NSEC that was made of a wildcard (RFC 6840 §4.1)', async () => {
    const { zone: example, world } = await island()
    const expanded = example.sign(nsec('www.example.', 'zzz.example.', TXT), { signedAs: '*.example.' })
    world.put('www.example.', A, { authority: [expanded, example.sign(soa('example.'))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus wildcard-not-allowed')
  })

  it('refuses a forged SOA beside a good proof', async () => {
    const { zone: example, world } = await island()
    const good = example.sign(nsec('www.example.', 'example.', A))
    world.put('www.example.', TXT, { authority: [good, example.sign(soa('example.'), { keyTag: 7 })] })
    expect(await reasonOf(world, 'www.example.', TXT)).toBe('bogus no-matching-key')
  })

  it("refuses a sibling zone's true record", async () => {
    const { zone: example, world } = await island()
    const sibling = zone('sibling.')
    world.options = { ...world.options, trustAnchors: [await example.anchor(), await sibling.anchor()] }
    world.put('sibling.', DNSKEY.code, { answer: [sibling.dnskeys] })
    world.put('www.example.', A, { rcode: 3, authority: [sibling.sign(nsec('sibling.', 'sibling.', NS, SOA))] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'example.', A))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus wrong-signer')
  })
})

describe('denial by NSEC3', () => {
  const OPT_OUT = 1
  const zoneOptions = { zone: 'example.' }
  const denied = async (records: readonly Awaited<ReturnType<typeof nsec3>>[], rcode: number, type: number = A) => {
    const { zone: example, world } = await island()
    const authority = [...records, soa('example.')].map((one) => example.sign(one))
    world.put('a.b.example.', type, { rcode, authority })
    return reasonOf(world, 'a.b.example.', type)
  }
  const apex = () => nsec3('example.', { ...zoneOptions, match: true, types: [NS, SOA] })

  it('accepts NXDOMAIN by closest encloser, next closer and wildcard (RFC 5155 §8.4)', async () => {
    const proof = [await apex(), await nsec3('b.example.', zoneOptions), await nsec3('*.example.', zoneOptions)]
    expect(await denied(proof, 3)).toBe('secure')
  })

  it('calls what rests on opt-out insecure (RFC 5155 §9.2)', async () => {
    const proof = [
      await apex(),
      await nsec3('b.example.', { ...zoneOptions, flags: OPT_OUT }),
      await nsec3('*.example.', zoneOptions),
    ]
    expect(await denied(proof, 3)).toBe('insecure opt-out')
  })

  it.each([
    ['a missing wildcard denial', async () => [await apex(), await nsec3('b.example.', zoneOptions)]],
    ['a missing next closer', async () => [await apex(), await nsec3('*.example.', zoneOptions)]],
    [
      'a missing closest encloser',
      async () => [await nsec3('b.example.', zoneOptions), await nsec3('*.example.', zoneOptions)],
    ],
    [
      'a closest encloser that is a cut (RFC 5155 §8.3)',
      async () => [
        await nsec3('b.example.', { ...zoneOptions, match: true, types: [NS, DS.code] }),
        await nsec3('a.b.example.', zoneOptions),
        await nsec3('*.b.example.', zoneOptions),
      ],
    ],
    [
      'a closest encloser that is a DNAME',
      async () => [
        await nsec3('b.example.', { ...zoneOptions, match: true, types: [DNAME] }),
        await nsec3('a.b.example.', zoneOptions),
        await nsec3('*.b.example.', zoneOptions),
      ],
    ],
    [
      'unknown flags (RFC 5155 §8.2)',
      async () => [
        await apex(),
        await nsec3('b.example.', { ...zoneOptions, flags: 2 }),
        await nsec3('*.example.', zoneOptions),
      ],
    ],
    [
      'records not directly below the zone',
      async () => [
        await apex(),
        await nsec3('b.example.', { zone: 'x.example.' }),
        await nsec3('*.example.', zoneOptions),
      ],
    ],
  ])('refuses %s', async (_, records) => {
    expect(await denied(await records(), 3)).toBe('bogus denial-insufficient')
  })

  it('refuses a true NODATA under NXDOMAIN', async () => {
    expect(await denied([await nsec3('a.b.example.', { ...zoneOptions, match: true, types: [TXT] })], 3)).toBe(
      'bogus rcode-contradicts-proof',
    )
  })

  it('counts iterations only after the signature held (RFC 9276 §3.2)', async () => {
    const { zone: example, world } = await island()
    const many = await nsec3('example.', { ...zoneOptions, match: true, types: [NS, SOA], iterations: 101 })
    world.put('a.example.', A, { rcode: 3, authority: [example.sign(many)] })
    const { proof } = await judged(world, 'a.example.')
    expect(proof).toMatchObject({ security: 'insecure', reason: 'nsec3-iterations', extendedError: 27 })
    world.options = { ...world.options, overLimitIterations: 'bogus' }
    expect(await reasonOf(world, 'a.example.')).toBe('bogus nsec3-iterations')
    world.options = { ...world.options, overLimitIterations: 'insecure' }
    world.put('a.example.', A, { rcode: 3, authority: [example.sign(many, { keyTag: 7 })] })
    expect(await reasonOf(world, 'a.example.')).toBe('bogus no-matching-key')
    const other = await nsec3('b.example.', { ...zoneOptions, iterations: 101 })
    world.put('a.example.', A, { rcode: 3, authority: [example.sign(many), example.sign(other, { keyTag: 7 })] })
    expect(await reasonOf(world, 'a.example.')).toBe('bogus no-matching-key')
  })

  it('bounds the hashes of one proof (CVE-2023-50868)', async () => {
    const { zone: example, world } = await island()
    const name = `${'a.'.repeat(100)}example.`
    const proof = [await nsec3('b.example.', zoneOptions)].map((one) => example.sign(one))
    world.put(name, MX, { rcode: 3, authority: proof })
    expect(await reasonOf(world, name, MX)).toBe('bogus limit-nsec3-hashes')
  })
})

/** `sub.example.`, signed, and a host in it. */
async function child() {
  const { zone: example, world } = await island()
  const sub = zone('sub.example.')
  const ds = example.sign(await sub.ds())
  world.put('sub.example.', DS.code, { answer: [ds] })
  world.put('sub.example.', DNSKEY.code, { answer: [sub.dnskeys] })
  world.put('www.sub.example.', A, { answer: [sub.sign(rrset('www.sub.example.', A, address(1)))] })
  return { example, sub, world }
}

describe('delegations', () => {
  it('accepts a signed child, its chain zone by zone', async () => {
    const { world } = await child()
    const { proof } = await judged(world, 'www.sub.example.')
    expect(proof?.security).toBe('secure')
    expect(proof?.chain.map(({ zone: at, type }) => `${at} ${type}`)).toEqual([
      'example. DNSKEY',
      'example. DS',
      'sub.example. DNSKEY',
      'sub.example. A',
    ])
  })

  it.each([
    ['nothing at all', []],
    ['an NSEC without proof of a cut', [nsec('sub.example.', 'z.example.', A)]],
    ['a bit map that still has DS', [nsec('sub.example.', 'z.example.', NS, DS.code)]],
  ])('calls a stripped DS bogus: %s', async (_, authority) => {
    const { example, world } = await child()
    world.put('sub.example.', DS.code, { authority: authority.map((one) => example.sign(one)) })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    world.put('www.sub.example.', DS.code, { authority: [example.sign(nsec('sub.example.', 'z.example.', A))] })
    expect(await reasonOf(world, 'www.sub.example.')).toMatch(/^bogus /)
  })

  it('refuses a DS whose signature names another signer, though the key is the right one', async () => {
    const { example, sub, world } = await child()
    const ds = await sub.ds()
    world.put('sub.example.', DS.code, { answer: [example.sign(ds, { signer: parseName('.') })] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus wrong-signer')
  })

  it("refuses the child's own word on its DS", async () => {
    const { sub, world } = await child()
    world.put('sub.example.', DS.code, { authority: [sub.sign(nsec('sub.example.', 'z.sub.example.', NS))] })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await reasonOf(world, 'www.sub.example.')).toMatch(/^bogus /)
  })

  it('calls a proved unsigned delegation insecure', async () => {
    const { example, world } = await child()
    world.put('sub.example.', DS.code, { authority: [example.sign(nsec('sub.example.', 'z.example.', NS))] })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('insecure no-ds')
  })

  it.each([
    ['NSEC', () => [nsec('al.example.', 'sub.ent.example.', A)]],
    ['NSEC3', async () => [await nsec3('ent.example.', { zone: 'example.', match: true })]],
    ['compact denial, wrongly', () => [nsec('ent.example.', '\\000.ent.example.', 128)]],
  ])('passes an empty non-terminal that is called NXDOMAIN: %s', async (_, proof) => {
    const { example, world } = await child()
    const sub = zone('sub.ent.example.')
    world.put('ent.example.', DS.code, {
      rcode: 3,
      authority: [...(await proof()), soa('example.')].map((one) => example.sign(one)),
    })
    world.put('sub.ent.example.', DS.code, { answer: [example.sign(await sub.ds())] })
    world.put('sub.ent.example.', DNSKEY.code, { answer: [sub.dnskeys] })
    world.put('www.sub.ent.example.', A, { answer: [sub.sign(rrset('www.sub.ent.example.', A, address(1)))] })
    expect(await reasonOf(world, 'www.sub.ent.example.')).toBe('secure')
  })

  it.each([
    ['ds-unobtainable', DS.code],
    ['dnskey-unobtainable', DNSKEY.code],
  ])('calls %s bogus', async (reason, type) => {
    const { world } = await child()
    world.put('sub.example.', type, { rcode: 2 })
    expect(await reasonOf(world, 'www.sub.example.')).toBe(`bogus ${reason}`)
  })

  it('ignores a SHA-1 DS beside a failing SHA-256 one (RFC 4509 §3)', async () => {
    const { example, sub, world } = await child()
    const [sha1, sha256] = [await sub.ds(1), await zone('sub.example.').ds(2)]
    const both = { ...sha1, records: [...sha1.records, ...sha256.records] }
    world.put('sub.example.', DS.code, { answer: [example.sign(both)] })
    expect(await reasonOf(world, 'www.sub.example.')).not.toBe('secure')
    world.put('sub.example.', DS.code, { answer: [example.sign(sha1)] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('secure')
    world.options = { ...world.options, sha1Digests: false }
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('insecure unsupported-digest')
  })

  it('takes a DS without a digest for one that matches no key, not for an unsupported one', async () => {
    const { example, sub, world } = await child()
    const empty = rrset('sub.example.', DS.code, Uint8Array.from([sub.tag >> 8, sub.tag & 0xff, 15, 2]))
    world.put('sub.example.', DS.code, { answer: [example.sign(empty)] })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus no-dnskey-matches')
  })

  it('says clearly that no anchor matches', async () => {
    const { world } = await child()
    world.options = { ...world.options, trustAnchors: [await zone('example.').anchor()] }
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus no-anchor-matches')
  })

  it('refuses keys that have the tag of a DS but not its digest', async () => {
    const { example, sub, world } = await child()
    const ds = await sub.ds()
    const forged = ds.records.map((record) => ({
      ...record,
      rdata: record.rdata.with(-1, (record.rdata.at(-1) ?? 0) ^ 1),
    }))
    world.put('sub.example.', DS.code, { answer: [example.sign({ ...ds, records: forged })] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus no-dnskey-matches')
  })

  it('refuses a DNSKEY RRset that was made of a wildcard', async () => {
    const { sub, world } = await child()
    const expanded = sub.sign(rrset('sub.example.', DNSKEY.code, sub.dnskeyRdata), { signedAs: '*.example.' })
    world.put('sub.example.', DNSKEY.code, { answer: [expanded] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus wildcard-not-allowed')
  })

  it('counts a signature of another zone as little as the data, where opt-out leaves room (RFC 4035 §5.2)', async () => {
    const { zone: example, world } = await island()
    const OPT_OUT = 1
    const apex = await nsec3('example.', { zone: 'example.', match: true, types: [NS, SOA] })
    const cover = await nsec3('sub.example.', { zone: 'example.', flags: OPT_OUT })
    world.put('sub.example.', DS.code, { authority: [apex, cover].map((one) => example.sign(one)) })
    const data = rrset('sub.example.', A, address(6))
    world.put('sub.example.', A, { answer: [data] })
    expect(await reasonOf(world, 'sub.example.')).toBe('insecure opt-out')
    world.put('sub.example.', A, { answer: [example.sign(data, { signer: parseName('other.') })] })
    expect(await reasonOf(world, 'sub.example.')).toBe('insecure opt-out')
  })

  it('finds an opted-out delegation beside a wildcard alias (RFC 5155 §8.6)', async () => {
    const { zone: example, world } = await island()
    const OPT_OUT = 1
    const apex = await nsec3('example.', { zone: 'example.', match: true, types: [NS, SOA] })
    const wildcard = await nsec3('*.example.', { zone: 'example.', match: true, types: [CNAME], flags: OPT_OUT })
    const deny = async (flags: number) => {
      const cover = await nsec3('sub.example.', { zone: 'example.', flags })
      world.put('sub.example.', DS.code, { authority: [apex, cover, wildcard].map((one) => example.sign(one)) })
      world.put('sub.example.', A, { answer: [rrset('sub.example.', A, address(6))] })
      return reasonOf(world, 'sub.example.')
    }
    expect(await deny(OPT_OUT)).toBe('insecure opt-out')
    expect(await deny(0)).toBe('bogus denial-insufficient')
  })

  it('sees no cut where the DS question is answered by a wildcard alias, not even under opt-out', async () => {
    const { zone: example, world } = await island()
    const OPT_OUT = 1
    const cover = example.sign(await nsec3('w.example.', { zone: 'example.', flags: OPT_OUT }))
    const expanded = example.sign(rrset('w.example.', CNAME, alias('a.example.')), { signedAs: '*.example.' })
    world.put('w.example.', DS.code, { answer: [expanded], authority: [cover] })
    world.put('w.example.', A, { answer: [rrset('w.example.', A, address(6))] })
    expect(await reasonOf(world, 'w.example.')).toBe('bogus signature-missing')
    world.put('w.example.', CNAME, { answer: [expanded], authority: [cover] })
    expect(await reasonOf(world, 'w.example.', CNAME)).toBe('insecure opt-out')
  })

  it.each([SOA, DNSKEY.code])(
    'does not take a parent for the zone of type %i at the apex of an unsigned child',
    async (type) => {
      const { zone: example, world } = await island()
      world.put('sub.example.', DS.code, { authority: [example.sign(nsec('sub.example.', 'z.example.', NS))] })
      const set = type === SOA ? soa('sub.example.') : rrset('sub.example.', type, zone('sub.example.').dnskeyRdata)
      world.put('sub.example.', type, { answer: [example.sign(set)] })
      expect(await reasonOf(world, 'sub.example.', type)).toBe('insecure no-ds')
    },
  )

  it('refuses a DS that was made of a wildcard', async () => {
    const { example, sub, world } = await child()
    const expanded = example.sign(await sub.ds(), { signedAs: '*.example.' })
    const denied = example.sign(nsec('example.', 'z.example.', NS, SOA))
    world.put('sub.example.', DS.code, { answer: [expanded], authority: [denied] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus wildcard-not-allowed')
  })
})

describe('a delegation from before the zone was signed, replayed as a denial', () => {
  const NAME = '_8883._tcp.www.sub.example.'
  const TLSA = 52

  it.each([
    ['cold', 0],
    ['cold', 3],
    ['warm', 0],
    ['warm', 3],
  ])('makes nothing insecure that the DS question proves to be signed: %s, rcode %i', async (when, rcode) => {
    const { example, sub, world } = await child()
    for (const at of ['www.sub.example.', '_tcp.www.sub.example.', NAME]) {
      world.put(at, DS.code, { authority: [nsec(at, `0.${at}`, A), soa('sub.example.')].map((one) => sub.sign(one)) })
    }
    const exchange = validated(world.exchange, world.options)
    if (when === 'warm') await exchange({ name: parseName('www.sub.example.'), type: A })
    const authority = [nsec('sub.example.', 'z.example.', NS), soa('example.')].map((one) => example.sign(one))
    world.put(NAME, TLSA, { rcode, authority })
    const ask = async () => (await exchange({ name: parseName(NAME), type: TLSA })).proof
    expect(await ask()).toMatchObject({ security: 'bogus', reason: 'denial-insufficient' })
  })

  it("makes nothing insecure where a DS is proved and the keys can't be had", async () => {
    const { example, world } = await child()
    world.put('sub.example.', DNSKEY.code, { rcode: 2 })
    const authority = [nsec('sub.example.', 'z.example.', NS), soa('example.')].map((one) => example.sign(one))
    world.put(NAME, TLSA, { authority })
    expect(await reasonOf(world, NAME, TLSA)).toBe('bogus dnskey-unobtainable')
  })

  it('counts where nobody answers the DS question and nothing else is known', async () => {
    const { zone: example, world } = await island()
    const authority = [nsec('sub.example.', 'z.example.', NS), soa('example.')].map((one) => example.sign(one))
    world.put(NAME, TLSA, { authority })
    expect(await reasonOf(world, NAME, TLSA)).toBe('insecure no-ds')
  })
})

describe('an island of security below what is insecure (RFC 4035 §4.3)', () => {
  const HOST = 'host.sub.example.'
  const STRIPPED = 'bogus signature-missing'
  const surrounded = async (anchors: 'both' | 'of the island' | 'of the zone above') => {
    const { zone: example, world } = await island()
    const sub = zone('sub.example.')
    const trustAnchors = [await example.anchor(), await sub.anchor()]
    if (anchors === 'of the island') trustAnchors.shift()
    if (anchors === 'of the zone above') trustAnchors.pop()
    world.options = { ...world.options, trustAnchors }
    world.put('sub.example.', DNSKEY.code, { answer: [sub.dnskeys] })
    world.put(HOST, DS.code, { authority: [sub.sign(nsec(HOST, 'z.sub.example.', A))] })
    const noDs = [
      await nsec3('example.', { zone: 'example.', match: true, types: [NS, SOA] }),
      await nsec3('sub.example.', { zone: 'example.', flags: 1 }),
      await nsec3('*.example.', { zone: 'example.' }),
      soa('example.'),
    ].map((one) => example.sign(one))
    world.put('sub.example.', DS.code, { authority: noDs })
    return { example, sub, world, noDs }
  }

  it('is not made insecure by an unsigned DNAME above it', async () => {
    const forged = { answer: [rrset('example.', DNAME, alias('evil.')), rrset(HOST, CNAME, alias('host.sub.evil.'))] }
    const { world } = await surrounded('of the island')
    world.put(HOST, A, forged)
    expect(await reasonOf(world, HOST)).toBe(STRIPPED)
    const { world: open } = await surrounded('of the island')
    open.put('host.other.example.', A, forged)
    expect(await reasonOf(open, 'host.other.example.')).toBe('insecure no-anchor')
  })

  it.each([
    ['NODATA', 0],
    ['NXDOMAIN', 3],
  ])('is not made insecure by the opt-out of the zone above: %s', async (_, rcode) => {
    const { world, noDs } = await surrounded('both')
    world.put(HOST, A, { rcode, authority: noDs })
    expect(await reasonOf(world, HOST)).toBe(STRIPPED)
    const open = await surrounded('of the zone above')
    open.world.put(HOST, A, { rcode, authority: open.noDs })
    expect(await reasonOf(open.world, HOST)).toBe('insecure opt-out')
  })

  it('is not made insecure by a wildcard of the zone above', async () => {
    const { example, world, noDs } = await surrounded('both')
    const expanded = example.sign(rrset(HOST, A, address(6)), { signedAs: '*.example.' })
    world.put(HOST, A, { answer: [expanded], authority: noDs })
    expect(await reasonOf(world, HOST)).toBe(STRIPPED)
  })

  it('speaks for itself', async () => {
    const { sub, world } = await surrounded('both')
    world.put(HOST, A, { answer: [sub.sign(rrset(HOST, A, address(1)))] })
    expect(await reasonOf(world, HOST)).toBe('secure')
    world.put(HOST, TXT, {
      authority: [nsec(HOST, 'z.sub.example.', A), soa('sub.example.')].map((one) => sub.sign(one)),
    })
    expect(await reasonOf(world, HOST, TXT)).toBe('secure')
  })
})

describe('an unsigned zone below a signed one', () => {
  it('stays insecure where a signature in it names the zone above (RFC 4035 §5.2)', async () => {
    const { zone: example, world } = await island()
    const delegation = [nsec('sub.example.', 'z.example.', NS), soa('example.')].map((one) => example.sign(one))
    world.put('sub.example.', DS.code, { authority: delegation })
    const foreign = example.sign(nsec('a.sub.example.', 'z.sub.example.', A), { keyTag: 1 })
    world.put('www.sub.example.', A, { rcode: 3, authority: [foreign, soa('sub.example.')] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('insecure no-ds')
  })

  it('does not make the zone above insecure', async () => {
    const { zone: example, world } = await island()
    world.put('www.example.', A, { answer: [example.sign(rrset('www.example.', A, address(6)), { keyTag: 1 })] })
    world.put('www.example.', DS.code, { authority: [example.sign(nsec('www.example.', 'z.example.', A))] })
    expect(await reasonOf(world, 'www.example.')).toBe('bogus no-matching-key')
  })
})

describe('one name, one alias (RFC 2181 §10.1)', () => {
  it.each([
    ['CNAME', CNAME],
    ['ANY', ANY],
    ['A', A],
  ])('refuses two signed ones when %s is asked for', async (_, type) => {
    const { zone: example, world } = await island()
    const two = example.sign(rrset('www.example.', CNAME, alias('a.example.'), alias('b.example.')))
    world.put('www.example.', type, { answer: [two] })
    expect(await reasonOf(world, 'www.example.', type)).toBe('bogus malformed-alias')
  })
})

describe('what leads to a zone', () => {
  it('refuses a DS beside NXDOMAIN (RFC 2308 §2.1)', async () => {
    const { zone: example, world } = await island()
    const child = zone('sub.example.')
    world.put('sub.example.', DS.code, { rcode: 3, answer: [example.sign(await child.ds())] })
    world.put('sub.example.', DNSKEY.code, { answer: [child.dnskeys] })
    world.put('www.sub.example.', A, { answer: [child.sign(rrset('www.sub.example.', A, address(1)))] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus rcode-contradicts-proof')
  })

  it('lets an anchor that cannot be used take nothing from one above it (RFC 4035 §4.3)', async () => {
    const { zone: example, world } = await island()
    const child = zone('sub.example.')
    world.put('sub.example.', DS.code, { answer: [example.sign(await child.ds())] })
    world.put('sub.example.', DNSKEY.code, { answer: [child.dnskeys] })
    world.put('www.sub.example.', A, { answer: [child.sign(rrset('www.sub.example.', A, address(1)))] })
    world.options = { ...world.options, trustAnchors: [await example.anchor(), 'sub.example. IN DS 7 253 2 00ff'] }
    expect(await reasonOf(world, 'www.sub.example.')).toBe('secure')
    const noCut = [nsec('www.sub.example.', '0.www.sub.example.', A), soa('sub.example.')].map((one) => child.sign(one))
    world.put('www.sub.example.', DS.code, { authority: noCut })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await reasonOf(world, 'www.sub.example.')).toBe('bogus signature-missing')
  })
})
