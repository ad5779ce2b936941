/** Denial made while one waits: compact (RFC 9824) and minimally covering NSEC (RFC 4470). */
import { parseName, type Reply } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { A, address, island, NS, nsec, nsec3, rrset, soa, TXT, type World, zone } from './signed-world.test.node.ts'
import { validated } from './validated.ts'

const NXNAME = 128
const ANY = 255

const ask = (world: World, name: string, type: number = A): Promise<Reply> =>
  validated(world.exchange, world.options)({ name: parseName(name), type })

describe('compact denial (RFC 9824)', () => {
  const compactFor = async (type: number, rcode: number, ...types: readonly number[]) => {
    const { zone: example, world } = await island()
    const own = nsec('no.example.', '\\000.no.example.', ...types)
    world.put('no.example.', type, { rcode, authority: [example.sign(own), example.sign(soa('example.'))] })
    return ask(world, 'no.example.', type)
  }
  const compact = (rcode: number, ...types: readonly number[]) => compactFor(A, rcode, ...types)

  it.each([0, 3])('makes NXDOMAIN of NXNAME, under response code %i too (§3.1, §5.1)', async (rcode) => {
    const reply = await compact(rcode, NXNAME)
    expect(reply).toMatchObject({
      rcode: 3,
      denial: { kind: 'nxdomain', owner: 'no.example.', proof: { security: 'secure' } },
    })
  })

  it('takes an empty bit map for an empty non-terminal (§3.2)', async () => {
    expect(await compact(0)).toMatchObject({ rcode: 0, denial: { kind: 'nodata', proof: { security: 'secure' } } })
  })

  it('takes ANY for one more type that the bit map lacks', async () => {
    const denied = { denial: { kind: 'nodata', proof: { security: 'secure' } } }
    expect(await compactFor(ANY, 0)).toMatchObject(denied)
    expect(await compactFor(ANY, 0, TXT)).toMatchObject(denied)
  })

  it('takes types beside NXNAME for what they are: the name exists (§3.1)', async () => {
    expect(await compact(0, NXNAME, TXT)).toMatchObject({ rcode: 0, denial: { kind: 'nodata' } })
    expect(await compact(3, NXNAME, TXT)).toMatchObject({ proof: { reason: 'rcode-contradicts-proof' } })
  })

  it('never denies a type that the bit map has', async () => {
    expect(await compact(0, A)).toMatchObject({ proof: { security: 'bogus', reason: 'denial-insufficient' } })
  })

  it('does not let one name speak for another', async () => {
    const { zone: example, world } = await island()
    const other = nsec('other.example.', '\\000.other.example.', NXNAME)
    world.put('no.example.', A, { rcode: 3, authority: [example.sign(other), example.sign(soa('example.'))] })
    expect(await ask(world, 'no.example.')).toMatchObject({ proof: { security: 'bogus' } })
  })

  it('works with NSEC3, where NXNAME stands alone (§4)', async () => {
    const { zone: example, world } = await island()
    const own = await nsec3('no.example.', { zone: 'example.', match: true, types: [NXNAME] })
    world.put('no.example.', A, { authority: [example.sign(own), example.sign(soa('example.'))] })
    expect(await ask(world, 'no.example.')).toMatchObject({ rcode: 3, proof: { security: 'secure' } })
  })

  it('proves unsigned delegations, and finds no cut at names that are none (§3.4)', async () => {
    const { zone: example, world } = await island()
    const cut = nsec('sub.example.', '\\000.sub.example.', NS)
    world.put('sub.example.', DS.code, { authority: [example.sign(cut)] })
    world.put('www.sub.example.', A, { answer: [rrset('www.sub.example.', A, address(6))] })
    expect(await ask(world, 'www.sub.example.')).toMatchObject({ proof: { security: 'insecure', reason: 'no-ds' } })
    const none = nsec('ent.example.', '\\000.ent.example.')
    world.put('ent.example.', DS.code, { authority: [example.sign(none)] })
    world.put('www.ent.example.', DS.code, {
      authority: [example.sign(nsec('www.ent.example.', '\\000.www.ent.example.', A))],
    })
    world.put('www.ent.example.', A, { answer: [rrset('www.ent.example.', A, address(6))] })
    expect(await ask(world, 'www.ent.example.')).toMatchObject({
      proof: { security: 'bogus', reason: 'signature-missing' },
    })
  })

  it('follows a signed child below it', async () => {
    const { zone: example, world } = await island()
    const sub = zone('sub.ent.example.')
    world.put('ent.example.', DS.code, { authority: [example.sign(nsec('ent.example.', '\\000.ent.example.'))] })
    world.put('sub.ent.example.', DS.code, { answer: [example.sign(await sub.ds())] })
    world.put('sub.ent.example.', DNSKEY.code, { answer: [sub.dnskeys] })
    world.put('www.sub.ent.example.', A, { answer: [sub.sign(rrset('www.sub.ent.example.', A, address(1)))] })
    expect(await ask(world, 'www.sub.ent.example.')).toMatchObject({ proof: { security: 'secure' } })
  })
})

describe('minimally covering NSEC (RFC 4470)', () => {
  const denied = async (...records: readonly Parameters<ReturnType<typeof zone>['sign']>[0][]) => {
    const { zone: example, world } = await island()
    const authority = [...records, soa('example.')].map((one) => example.sign(one))
    world.put('no.example.', A, { rcode: 3, authority })
    return ask(world, 'no.example.')
  }
  const cover = () => nsec('nn\\255.example.', 'no\\000.example.')
  const noWildcard = () => nsec('\\041\\255.example.', '+.example.')

  it('proves NXDOMAIN by spans of one name and of the wildcard (§3)', async () => {
    expect(await denied(cover(), noWildcard())).toMatchObject({ rcode: 3, proof: { security: 'secure' } })
  })

  it.each([
    ['the wildcard span is missing', () => [cover()]],
    ['the name span is missing', () => [noWildcard()]],
    ['the span ends before the name', () => [nsec('nn.example.', 'nn\\255.example.'), noWildcard()]],
    ['the span begins at the name', () => [nsec('no.example.', 'no\\000.example.', A), noWildcard()]],
    ['the span points out of the zone', () => [nsec('nn\\255.example.', 'p.other.'), noWildcard()]],
  ])('proves nothing where %s', async (_, records) => {
    expect(await denied(...records())).toMatchObject({ proof: { security: 'bogus', reason: 'denial-insufficient' } })
  })

  it('proves NODATA by a record at the name (§4)', async () => {
    const { zone: example, world } = await island()
    const own = nsec('www.example.', 'www\\000.example.', TXT)
    world.put('www.example.', A, { authority: [example.sign(own), example.sign(soa('example.'))] })
    expect(await ask(world, 'www.example.')).toMatchObject({
      rcode: 0,
      denial: { kind: 'nodata', proof: { security: 'secure' } },
    })
  })
})
