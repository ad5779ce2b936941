/** A validator lives for years: zones change while their records are kept, and links fail slowly. */
import { CNAME, DNAME, parseName, type Query, type Rrset } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import {
  A,
  address,
  alias,
  island,
  NOW_MS,
  NS,
  nsec,
  rrset,
  SOA,
  soa,
  TXT,
  type Zone,
  zone,
} from './signed-world.test.node.ts'
import { validated } from './validated.ts'

const WWW: Query = { name: parseName('www.fleet.example.'), type: A }
const YEAR_SECONDS = 366 * 86_400

const lasting = ({ zone: signer, set }: { readonly zone: Zone; readonly set: Rrset }) =>
  signer.sign({ ...set, signatures: [] }, { expiration: NOW_MS / 1000 + YEAR_SECONDS })

const withTtl = (set: Rrset, ttlSeconds: number): Rrset => {
  return { ...set, records: set.records.map((one) => ({ ...one, ttlSeconds })) }
}

/** `example.` under an anchor, and time that passes when the test says so. */
async function passing() {
  const { zone: example, world } = await island()
  let elapsedMs = 0
  let wallMs = NOW_MS
  const signed = (set: Rrset) => lasting({ zone: example, set })
  world.put('example.', DNSKEY.code, { answer: [signed(example.dnskeys)] })
  world.options = { ...world.options, now: () => wallMs, monotonicNow: () => elapsedMs }
  const fleet = async (keys: Zone) => {
    world.put('fleet.example.', DS.code, { answer: [signed(await keys.ds())] })
    world.put('fleet.example.', DNSKEY.code, { answer: [lasting({ zone: keys, set: keys.dnskeys })] })
    world.put(WWW.name, A, { answer: [lasting({ zone: keys, set: rrset(WWW.name, A, address(1)) })] })
  }
  const exchange = validated(world.exchange, world.options)
  const ask = async () => {
    const { proof } = await exchange(WWW)
    return proof?.security === 'secure' || proof === undefined ? proof?.security : `${proof.security} ${proof.reason}`
  }
  /** The wall clock alone, as while a machine sleeps. */
  const setClock = (seconds: number) => {
    wallMs += seconds * 1_000
  }
  const pass = (seconds: number) => {
    setClock(seconds)
    elapsedMs += seconds * 1_000
  }
  return { world, example, signed, fleet, exchange, ask, pass, setClock }
}

describe('a zone that changes while its records are kept', () => {
  it('is asked about once more before an answer is bogus: keys and DS may have been replaced', async () => {
    const { world, fleet, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    world.asked.length = 0
    expect(await ask()).toBe('secure')
    expect(world.asked).toEqual([`${WWW.name} 1`])
  })

  it('may have begun where none was', async () => {
    const { world, signed, fleet, ask, pass } = await passing()
    const absent = { rcode: 3, authority: [soa('example.'), nsec('example.', 'z.example.', NS, 6)].map(signed) }
    world.put('fleet.example.', DS.code, absent)
    world.put(WWW.name, A, absent)
    expect(await ask()).toBe('secure')
    pass(60)
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
  })

  const unsigned = async () => {
    const { world, signed, ...rest } = await passing()
    const begin = () => {
      const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
      world.put('fleet.example.', DS.code, { authority })
      world.put('fleet.example.', DNSKEY.code, {})
      world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
      world.put(WWW.name, DS.code, {})
    }
    return { world, signed, begin, ...rest }
  }

  it('may have begun unsigned where none was', async () => {
    const { world, signed, begin, ask, pass } = await unsigned()
    const absent = [soa('example.'), nsec('example.', 'z.example.', NS, 6)].map(signed)
    world.put('fleet.example.', DS.code, { rcode: 3, authority: absent })
    world.put(WWW.name, A, { rcode: 3, authority: absent })
    expect(await ask()).toBe('secure')
    pass(60)
    begin()
    expect(await ask()).toBe('insecure no-ds')
  })

  it.each<[string, (parent: Zone) => readonly Rrset[]]>([
    ['an unsigned RRset', () => [rrset(WWW.name, A, address(6))]],
    ['a signature that names the parent', (parent) => [parent.sign(rrset(WWW.name, A, address(6)), { keyTag: 1 })]],
    ['two CNAMEs', () => [rrset(WWW.name, CNAME.code, alias('a.example.'), alias('b.example.'))]],
  ])('is not unsigned before its DS ends, by %s: that denial may be a replayed one', async (_what, forged) => {
    const { world, example, fleet, begin, ask, pass } = await unsigned()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    begin()
    world.put(WWW.name, A, { answer: forged(example) })
    expect(await ask()).toMatch(/^bogus/)
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
    expect(await ask()).toMatch(/^bogus/)
    pass(3_600)
    expect(await ask()).toBe('insecure no-ds')
  })

  it('is not unsigned before its DS ends, although its keys have', async () => {
    const { world, fleet, begin, ask, pass } = await unsigned()
    const keys = zone('fleet.example.')
    await fleet(keys)
    world.put('fleet.example.', DNSKEY.code, { answer: [withTtl(lasting({ zone: keys, set: keys.dnskeys }), 60)] })
    expect(await ask()).toBe('secure')
    pass(61)
    begin()
    expect(await ask()).toMatch(/^bogus/)
    pass(3_600)
    expect(await ask()).toBe('insecure no-ds')
  })

  it('is not of unsupported algorithms before its DS ends', async () => {
    const { world, signed, fleet, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    const old = DS.encode({ keyTag: 1, algorithm: 3, digestType: 2, digest: new Uint8Array(32) })
    world.put('fleet.example.', DS.code, { answer: [signed(rrset('fleet.example.', DS.code, old))] })
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
    expect(await ask()).toMatch(/^bogus/)
    pass(3_600)
    expect(await ask()).toBe('insecure unsupported-algorithm')
  })

  /** What `fleet` proved, and then its parent's word from before the zone was signed. */
  const replayed = async (...denials: readonly (readonly [name: string, types: readonly number[]])[]) => {
    const { world, example, signed, fleet, exchange, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    for (const [name, types] of denials) {
      world.put(name, DS.code, { authority: [soa('example.'), nsec(name, 'z.example.', ...types)].map(signed) })
    }
    world.put('fleet.example.', DNSKEY.code, {})
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
    return { world, example, signed, exchange, ask }
  }

  it('is not unsigned one label below its DS either', async () => {
    const { ask } = await replayed(['fleet.example.', [A]], [WWW.name, [NS]])
    expect(await ask()).toMatch(/^bogus/)
    expect(await ask()).toMatch(/^bogus/)
  })

  it('is not unsigned by a denial that leaves no budget to look at its DS', async () => {
    const { world, signed, ask } = await replayed(['fleet.example.', [NS]])
    const [junk] = signed(rrset('a.example.', TXT, address(1))).signatures
    const misshapen = junk && { ...junk, rdata: junk.rdata.slice(0, 30) }
    const failing = junk && { ...junk, rdata: junk.rdata.map((octet, i) => (i > 40 ? octet ^ 1 : octet)) }
    const filler = Array.from({ length: 130 }, (_, i) => {
      const set = nsec(`a${i}.example.`, `b${i}.example.`, A)
      return { ...set, signatures: [misshapen, ...Array(7).fill(failing)].flatMap((one) => one ?? []) }
    })
    const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
    world.put('fleet.example.', DS.code, { authority: [...authority, ...filler] })
    expect(await ask()).toMatch(/^bogus/)
    expect(await ask()).toMatch(/^bogus/)
  })

  it('is not denied by the zone above before its DS ends', async () => {
    const { world, signed, exchange } = await replayed(['fleet.example.', [NS]])
    const authority = [soa('example.'), nsec('example.', 'z.example.', NS, SOA)].map(signed)
    const query = { name: parseName('_8883._tcp.www.fleet.example.'), type: 52 }
    world.put(query.name, query.type, { rcode: 3, authority })
    expect((await exchange(query)).proof).toMatchObject({ security: 'bogus', reason: 'denial-insufficient' })
  })

  it.each<[string, (parent: Zone) => { readonly answer: readonly Rrset[]; readonly authority?: readonly Rrset[] }]>([
    ['records at the name', (parent) => ({ answer: [parent.sign(rrset(WWW.name, A, address(6)))] })],
    [
      'a wildcard',
      (parent) => ({
        answer: [parent.sign(rrset(WWW.name, A, address(6)), { signedAs: '*.example.' })],
        authority: [parent.sign(nsec('example.', 'z.example.', NS, SOA))],
      }),
    ],
    ['a DNAME', (parent) => ({ answer: [parent.sign(rrset('example.', DNAME.code, alias('evil.')))] })],
  ])('is not answered for by the zone above before its DS ends: %s', async (_what, forged) => {
    const { world, example, ask } = await replayed(['fleet.example.', [NS]])
    world.put(WWW.name, A, forged(example))
    expect(await ask()).toBe('bogus wrong-signer')
  })

  it('is not denied a DS that was proved, whoever asks for it', async () => {
    const { exchange } = await replayed(['fleet.example.', [NS]])
    const { proof } = await exchange({ name: parseName('fleet.example.'), type: DS.code }, { pastCache: true })
    expect(proof).toMatchObject({ security: 'bogus', reason: 'denial-insufficient' })
  })

  it('does not go back to an older DS before its own ends', async () => {
    const { world, example, fleet, ask, pass } = await passing()
    const old = zone('fleet.example.')
    const early = { inception: NOW_MS / 1000 - 10 * 86_400, expiration: NOW_MS / 1000 + YEAR_SECONDS }
    const oldDs = example.sign(await old.ds(), early)
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    await fleet(old)
    world.put('fleet.example.', DS.code, { answer: [oldDs] })
    expect(await ask()).toMatch(/^bogus/)
    expect(await ask()).toMatch(/^bogus/)
  })

  it('counts by its DS although the keys of the zone above have changed', async () => {
    const { world, example, fleet, begin, ask, pass } = await unsigned()
    const [older, newer] = [zone('example.', { flags: 256 }), zone('example.', { flags: 256 })]
    const keysWith = (zsk: Zone) => {
      const set = rrset('example.', DNSKEY.code, example.dnskeyRdata, zsk.dnskeyRdata)
      return { answer: [lasting({ zone: example, set })] }
    }
    world.put('example.', DNSKEY.code, keysWith(newer))
    const keys = zone('fleet.example.')
    await fleet(keys)
    world.put('fleet.example.', DS.code, { answer: [lasting({ zone: newer, set: await keys.ds() })] })
    expect(await ask()).toBe('secure')
    pass(60)
    begin()
    world.put('example.', DNSKEY.code, keysWith(older))
    const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)]
    world.put('fleet.example.', DS.code, { authority: authority.map((set) => lasting({ zone: older, set })) })
    expect(await ask()).toMatch(/^bogus/)
    expect(await ask()).toMatch(/^bogus/)
  })

  it('is unsigned at once where that was signed later than its DS', async () => {
    const { world, example, fleet, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    const later = { inception: NOW_MS / 1000 + 10 }
    const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map((one) => example.sign(one, later))
    world.put('fleet.example.', DS.code, { authority })
    world.put(WWW.name, DS.code, {})
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
    expect(await ask()).toBe('insecure no-ds')
  })

  it('is gone at once where that was signed later than its DS', async () => {
    const { world, example, fleet, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    const later = { inception: NOW_MS / 1000 + 10 }
    const authority = [soa('example.'), nsec('example.', 'z.example.', NS, SOA)].map((one) => example.sign(one, later))
    world.put(WWW.name, A, { rcode: 3, authority })
    expect(await ask()).toBe('secure')
  })

  it('may go on without a DS until what proved it ends, while other zones change', async () => {
    const { world, signed, fleet, exchange, ask, pass } = await passing()
    const other: Query = { name: parseName('www.other.example.'), type: A }
    const beOther = async (keys: Zone) => {
      world.put('other.example.', DS.code, { answer: [signed(await keys.ds())] })
      world.put('other.example.', DNSKEY.code, { answer: [lasting({ zone: keys, set: keys.dnskeys })] })
      world.put(other.name, A, { answer: [lasting({ zone: keys, set: rrset(other.name, A, address(2)) })] })
    }
    await fleet(zone('fleet.example.'))
    await beOther(zone('other.example.'))
    expect(await ask()).toBe('secure')
    expect((await exchange(other)).proof?.security).toBe('secure')
    pass(60)
    const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
    world.put('fleet.example.', DS.code, { authority })
    await beOther(zone('other.example.'))
    expect((await exchange(other)).proof?.security).toBe('secure')
    world.asked.length = 0
    expect(await ask()).toBe('secure')
    // The other zone's change made nobody forget this one.
    expect(world.asked).toEqual([`${WWW.name} 1`])
    pass(3_600)
    expect(await ask()).toBe('insecure no-ds')
  })

  it('is not unsigned by a denial of its DS that somebody asked for past the cache', async () => {
    const { fleet, begin, exchange, ask, pass, setClock } = await unsigned()
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    pass(60)
    begin()
    await exchange({ name: parseName('fleet.example.'), type: DS.code }, { pastCache: true })
    expect(await ask()).toMatch(/^bogus/)
    setClock(2)
    expect(await ask()).toMatch(/^bogus/)
  })

  it('is asked about anew at most every five seconds, where that helps nobody', async () => {
    const { world, fleet, ask, pass } = await passing()
    await fleet(zone('fleet.example.'))
    await ask()
    pass(60)
    world.put(WWW.name, A, { answer: [lasting({ zone: zone('fleet.example.'), set: rrset(WWW.name, A, address(6)) })] })
    world.asked.length = 0
    for (let i = 0; i < 20; i++) expect(await ask()).toBe('bogus no-matching-key')
    expect(world.asked.filter((one) => one === 'fleet.example. 48')).toHaveLength(1)
    pass(6)
    expect(await ask()).toBe('bogus no-matching-key')
    expect(world.asked.filter((one) => one === 'fleet.example. 48')).toHaveLength(2)
  })
})

it('keeps nothing longer than its signature vouches for, whatever TTL came (RFC 4035 §5.3.3)', async () => {
  const { world, signed, fleet, ask, pass } = await passing()
  world.put('fleet.example.', DS.code, {
    authority: [soa('example.'), nsec('fleet.example.', 'z.example.', NS)]
      .map(signed)
      .map((set) => withTtl(set, 86_400)),
  })
  world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
  expect(await ask()).toBe('insecure no-ds')
  await fleet(zone('fleet.example.'))
  world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
  pass(3_601)
  // Now that the zone is signed, what is not is forged.
  expect(await ask()).toMatch(/^bogus/)
})

it('remembers a failure from its end, however long it took (RFC 9520 §3.2)', async () => {
  const { world, fleet, pass } = await passing()
  await fleet(zone('fleet.example.'))
  world.put('fleet.example.', DNSKEY.code, { rcode: 2 })
  const slow = validated(async (query) => {
    if (query.type === DNSKEY.code && query.name === 'fleet.example.') pass(5)
    return world.exchange(query)
  }, world.options)
  for (let i = 0; i < 10; i++) expect((await slow(WWW)).proof).toMatchObject({ reason: 'dnskey-unobtainable' })
  expect(world.asked.filter((one) => one.startsWith('fleet.example. 48'))).toHaveLength(2)
})

it('lets a caller leave the line at once', async () => {
  const { world, fleet } = await passing()
  await fleet(zone('fleet.example.'))
  const exchange = validated(world.exchange, world.options)
  await expect(exchange(WWW, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  const leaver = new AbortController()
  const [left, stayed] = [exchange(WWW, { signal: leaver.signal }), exchange(WWW)]
  leaver.abort('enough')
  await expect(left).rejects.toBe('enough')
  expect((await stayed).proof?.security).toBe('secure')
})

it('goes on after a clock that failed once', async () => {
  const { world, fleet } = await passing()
  await fleet(zone('fleet.example.'))
  let isBroken = false
  const monotonicNow = () => {
    if (isBroken) throw new Error('no clock')
    return 0
  }
  const exchange = validated(world.exchange, { ...world.options, now: () => NOW_MS, monotonicNow })
  isBroken = true
  await expect(exchange(WWW)).rejects.toThrow('no clock')
  isBroken = false
  expect((await exchange(WWW)).proof?.security).toBe('secure')
})

it('ends no process when a clock fails at any time, and goes on', async () => {
  const { world, fleet } = await passing()
  await fleet(zone('fleet.example.'))
  let readings = 0
  let failsAt = Infinity
  const monotonicNow = () => {
    if (++readings === failsAt) throw new Error('no clock')
    return 0
  }
  const options = { ...world.options, now: () => NOW_MS, monotonicNow }
  await validated(world.exchange, options)(WWW)
  const all = readings
  expect(all).toBeGreaterThan(10)
  for (failsAt = 2; failsAt <= all; failsAt++) {
    readings = 0
    const exchange = validated(world.exchange, options)
    await exchange(WWW).catch((error: unknown) => expect(String(error)).toContain('no clock'))
    // Whoever asks next is not harmed, and vitest fails where a rejection was left alone.
    expect((await exchange(WWW)).proof?.security).toBe('secure')
  }
})

describe('a machine that sleeps', () => {
  it('wakes up to zones that have changed: what it kept has ended meanwhile', async () => {
    const { world, fleet, ask, setClock } = await passing()
    const old = zone('fleet.example.')
    await fleet(old)
    expect(await ask()).toBe('secure')
    setClock(2 * 3_600)
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    setClock(2 * 3_600)
    await fleet(zone('fleet.example.'))
    // Signed by keys that were withdrawn.
    world.put(WWW.name, A, { answer: [lasting({ zone: old, set: rrset(WWW.name, A, address(1)) })] })
    expect(await ask()).toBe('bogus no-matching-key')
  })

  it('may sleep again before anything else is proved', async () => {
    const { world, fleet, exchange, ask, setClock } = await passing()
    const old = zone('fleet.example.')
    await fleet(old)
    expect(await ask()).toBe('secure')
    setClock(60)
    // Nobody answers: there is no network yet.
    await exchange({ name: parseName('no.fleet.example.'), type: A })
    setClock(20 * 86_400)
    await fleet(zone('fleet.example.'))
    world.put(WWW.name, A, { answer: [lasting({ zone: old, set: rrset(WWW.name, A, address(1)) })] })
    expect(await ask()).toBe('bogus no-matching-key')
  })

  it('is known to sleep where only the second word proves anything', async () => {
    const { world, fleet, ask, setClock } = await passing()
    const old = zone('fleet.example.')
    await fleet(old)
    const good = lasting({ zone: old, set: rrset(WWW.name, A, address(1)) })
    world.put(WWW.name, A, { answer: [{ ...good, signatures: [] }] })
    world.putChecked(WWW.name, A, { answer: [good] })
    expect(await ask()).toBe('secure')
    setClock(20 * 86_400)
    await fleet(zone('fleet.example.'))
    world.put(WWW.name, A, { answer: [good] })
    expect(await ask()).toBe('bogus no-matching-key')
  })

  it('keeps no zone unsigned over it', async () => {
    const { world, signed, fleet, ask, setClock } = await passing()
    const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
    world.put('fleet.example.', DS.code, { authority })
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
    expect(await ask()).toBe('insecure no-ds')
    setClock(2 * 3_600)
    await fleet(zone('fleet.example.'))
    world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
    expect(await ask()).toMatch(/^bogus/)
  })

  it('does not take the setting of a wrong clock for sleep: data stay', async () => {
    const { world, fleet, ask, setClock } = await passing()
    await fleet(zone('fleet.example.'))
    setClock(-YEAR_SECONDS)
    expect(await ask()).toMatch(/^bogus/)
    setClock(YEAR_SECONDS)
    world.asked.length = 0
    expect(await ask()).toBe('secure')
    expect(world.asked).toEqual([`${WWW.name} 1`])
  })

  it('forgets what it learned anew by a wrong clock, when that is set right', async () => {
    const { world, fleet, ask, pass, setClock } = await passing()
    const old = zone('fleet.example.')
    await fleet(old)
    expect(await ask()).toBe('secure')
    pass(60)
    setClock(30 * 86_400)
    await fleet(zone('fleet.example.'))
    expect(await ask()).toBe('secure')
    setClock(-30 * 86_400)
    pass(2 * 3_600)
    await fleet(zone('fleet.example.'))
    world.put(WWW.name, A, { answer: [lasting({ zone: old, set: rrset(WWW.name, A, address(1)) })] })
    expect(await ask()).toBe('bogus no-matching-key')
  })
})

it('counts a raised TTL from when the record came, judged or not (RFC 4035 §5.3.3)', async () => {
  const { world, example, signed, fleet, ask, pass } = await passing()
  const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
  world.put('fleet.example.', DS.code, { authority: authority.map((set) => withTtl(set, 86_400)) })
  world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
  world.put('example.', DNSKEY.code, { rcode: 2 })
  expect(await ask()).toBe('bogus dnskey-unobtainable')
  world.put('example.', DNSKEY.code, { answer: [signed(example.dnskeys)] })
  await fleet(zone('fleet.example.'))
  world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(6))] })
  pass(2 * 3_600)
  expect(await ask()).toMatch(/^bogus/)
})

it('keeps a failure for its seconds, not for as many again with each label below', async () => {
  const { world, signed, ask, exchange, pass } = await passing()
  const keys = zone('fleet.example.')
  world.put('fleet.example.', DS.code, { answer: [signed(await keys.ds())] })
  world.put('fleet.example.', DNSKEY.code, { rcode: 2 })
  for (const name of ['a.fleet.example.', 'b.a.fleet.example.']) {
    const noCut = [nsec(name, `0.${name}`, A), soa('fleet.example.')].map((one) => keys.sign(one))
    world.put(name, DS.code, { authority: noCut })
    world.put(name, A, { answer: [rrset(name, A, address(1))] })
  }
  world.put(WWW.name, A, { answer: [rrset(WWW.name, A, address(1))] })
  const below = async (name: string) => (await exchange({ name: parseName(name), type: A })).proof
  expect(await ask()).toBe('bogus dnskey-unobtainable')
  world.put('fleet.example.', DNSKEY.code, { answer: [lasting({ zone: keys, set: keys.dnskeys })] })
  pass(2.9)
  expect(await below('a.fleet.example.')).toMatchObject({ reason: 'dnskey-unobtainable' })
  pass(2.9)
  expect(await below('b.a.fleet.example.')).toMatchObject({ reason: 'signature-missing' })
})

it('asks nothing about names in a zone that is known to be unsigned', async () => {
  const { world, signed, ask, exchange } = await passing()
  const authority = [soa('example.'), nsec('fleet.example.', 'z.example.', NS)].map(signed)
  world.put('fleet.example.', DS.code, { authority })
  for (const name of [WWW.name, '_8883._tcp.a.fleet.example.'])
    world.put(name, A, { answer: [rrset(name, A, address(1))] })
  expect(await ask()).toBe('insecure no-ds')
  world.asked.length = 0
  await exchange({ name: parseName('_8883._tcp.a.fleet.example.'), type: A })
  expect(world.asked).toEqual(['_8883._tcp.a.fleet.example. 1'])
})

it('keeps what the tolerance of the clock lets hold', async () => {
  const { zone: example, world } = await island()
  const expired = (set: Rrset) => example.sign({ ...set, signatures: [] }, { expiration: NOW_MS / 1000 - 60 })
  world.put('example.', DNSKEY.code, { answer: [expired(example.dnskeys)] })
  for (const name of ['a.example.', 'b.example.']) world.put(name, A, { answer: [expired(rrset(name, A, address(1)))] })
  const exchange = validated(world.exchange, { ...world.options, clockSkewToleranceMs: 600_000 })
  const ask = async (name: string) => (await exchange({ name: parseName(name), type: A })).proof
  expect(await ask('a.example.')).toMatchObject({ security: 'secure', validUntilMs: NOW_MS + 540_000 })
  world.asked.length = 0
  expect((await ask('b.example.'))?.security).toBe('secure')
  expect(world.asked).toEqual(['b.example. 1'])
})

it('asks ahead for an island of security, whatever is known of what is above it', async () => {
  const { world } = await island()
  const asked: string[] = []
  const exchange = validated(async (query) => {
    asked.push(`${query.name} ${query.type}`)
    await new Promise((resolve) => setImmediate(resolve))
    return world.exchange(query)
  }, world.options)
  world.put('www.elsewhere.', A, { answer: [rrset('www.elsewhere.', A, address(1))] })
  await exchange({ name: parseName('www.elsewhere.'), type: A })
  asked.length = 0
  const answered = exchange({ name: parseName('www.fleet.example.'), type: A })
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toEqual(['fleet.example. 43', 'fleet.example. 48', 'example. 48', 'www.fleet.example. 1'])
  await answered
})
