import { A, CNAME, parseName, SRV } from '@portolan/core'
import { DS } from '@portolan/dnssec/records'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestbed, type Testbed, type Zone } from './index.node.ts'
import { NS, octets, SOA, TYPE } from './record-types.ts'
import { ask, glance } from './testing/ask.node.ts'

let testbed: Testbed
let fleet: Zone

beforeAll(async () => {
  testbed = await startTestbed()
})
beforeEach(() => {
  fleet = testbed.zone('fleet.test')
})
afterAll(() => testbed.close())

describe('edits show with the next question', () => {
  it('add, replace, remove', async () => {
    fleet.add('edited', A, '127.0.0.2')
    fleet.add('edited', A, '127.0.0.2')
    expect(fleet.records('edited', A)).toEqual(['127.0.0.2'])
    const before = await ask(testbed, 'edited.fleet.test', 1)
    fleet.replace('edited', A, ['127.0.0.3', '127.0.0.4'], { ttlSeconds: 7 })
    const after = await ask(testbed, 'edited.fleet.test', 1)
    expect(after.answer.filter(({ type }) => type === 1).map(({ rdata }) => A.decode(rdata))).toEqual([
      '127.0.0.3',
      '127.0.0.4',
    ])
    expect(after.answer.map(({ ttlSeconds }) => ttlSeconds)).toEqual([7, 7, 7])
    expect(after.answer.at(-1)?.rdata).not.toEqual(before.answer.at(-1)?.rdata)
    fleet.remove('edited')
    expect((await ask(testbed, 'edited.fleet.test', 1)).rcode).toBe(3)
  })
  it('an unchanged RRset keeps its signature', async () => {
    fleet.add('kept', A, '127.0.0.2')
    const before = await ask(testbed, 'kept.fleet.test', 1)
    fleet.add('other', A, '127.0.0.2')
    expect((await ask(testbed, 'kept.fleet.test', 1)).answer).toEqual(before.answer)
  })
  it('the serial counts them', () => {
    const serial = () => fleet.records('@', SOA)[0]?.serial ?? 0
    const before = serial()
    fleet.replace('counted', A, ['127.0.0.2'])
    fleet.remove('counted', A)
    expect(serial()).toBe(before + 2)
  })
  it('DS can be taken from the parent, as an operator does', async () => {
    const parent = testbed.zone('test.')
    const kept = parent.records('partner', DS)
    expect(kept).toHaveLength(1)
    parent.remove('partner', DS)
    expect(glance((await ask(testbed, 'partner.test', 43)).answer)).toBe('')
    parent.replace('partner', DS, kept)
    expect(glance((await ask(testbed, 'partner.test', 43)).answer)).toBe('DS RRSIG(DS)')
  })
})

describe('owners are written as in a zone file (RFC 1035 §5.1)', () => {
  it.each([
    ['@', 'fleet.test.'],
    ['a.b', 'a.b.fleet.test.'],
    ['c.fleet.test', 'c.fleet.test.'],
    ['d.fleet.test.', 'd.fleet.test.'],
  ])('%s', async (owner, name) => {
    fleet.replace(owner, octets(65281), [Uint8Array.of(1)])
    expect((await ask(testbed, name, 65281)).answer).not.toEqual([])
  })
})

describe('refuses', () => {
  it.each<[string, (zone: Zone) => void, string]>([
    ['an owner of another zone', (zone) => zone.add('a.partner.test.', A, '127.0.0.1'), 'core/invalid-option'],
    ['signatures by hand', (zone) => zone.add('a', octets(TYPE.RRSIG), new Uint8Array()), 'core/invalid-option'],
    ['a cut without a zone', (zone) => zone.add('a', NS, parseName('ns.test.')), 'core/invalid-option'],
    ['an empty RRset', (zone) => zone.replace('a', A, []), 'core/invalid-option'],
    [
      'a TTL of 2³¹ (RFC 2181 §8)',
      (zone) => zone.add('a', A, '127.0.0.1', { ttlSeconds: 2 ** 31 }),
      'core/invalid-option',
    ],
    ['an emptied apex', (zone) => zone.remove('@'), 'core/invalid-option'],
    ['to remove what is not there', (zone) => zone.remove('nobody'), 'testbed/no-such-records'],
    ['rdata that its codec refuses', (zone) => zone.add('a', A, '256.0.0.1'), 'core/malformed-record'],
    ['what is no name', (zone) => zone.add('a..b', A, '127.0.0.1'), 'core/invalid-name'],
  ])('%s', (_, edit, code) => {
    expect(() => edit(fleet)).toThrow(expect.objectContaining({ code }))
  })
  it('CNAME beside other data (RFC 2181 §10.1), either way round', () => {
    fleet.add('alone', CNAME, parseName('a.fleet.test.'))
    expect(() => fleet.add('alone', A, '127.0.0.1')).toThrow(/alone/)
    fleet.add('taken', A, '127.0.0.1')
    expect(() => fleet.add('taken', CNAME, parseName('a.fleet.test.'))).toThrow(/alone/)
  })
  it('data of a child in its parent', () => {
    expect(() => testbed.zone('test.').add('a.fleet', A, '127.0.0.1')).toThrow(/belongs to the zone fleet\.test\./)
  })
  it('a zone that there is none of', () => {
    expect(() => testbed.zone('nowhere.')).toThrow(expect.objectContaining({ code: 'testbed/no-such-zone' }))
  })
})

it('keeps 2,000 targets in one RRset', async () => {
  const target = parseName('host.fleet.test.')
  const values = Array.from({ length: 2000 }, (_, port) => ({ priority: 0, weight: port, port, target }))
  fleet.replace('crowd', SRV, values)
  expect(fleet.records('crowd', SRV)).toEqual(values)
})
