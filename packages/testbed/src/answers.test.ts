import { A, AAAA, CNAME, DNAME, parseName, SRV } from '@portolan/core'
import { compareNames, NSEC } from '@portolan/dnssec/records'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestbed, type Testbed } from './index.node.ts'
import { octets, TYPE } from './record-types.ts'
import { ask, glance } from './testing/ask.node.ts'

const { NS, SOA, DS, RRSIG, DNSKEY, ANY } = TYPE
const PROOF = 'RRSIG(NSEC)'

let testbed: Testbed

beforeAll(async () => {
  testbed = await startTestbed({ zones: [{ name: 'deep.fleet.test.' }, { name: 'a.ent.test.', signed: false }] })
  const [fleet, partner] = [testbed.zone('fleet.test.'), testbed.zone('partner.test.')]
  fleet.add('host', A, '127.0.0.2')
  fleet.add('host', A, '127.0.0.3')
  fleet.add('*.wild', A, '127.0.0.4')
  fleet.add('*.alias', CNAME, parseName('host.fleet.test.'))
  fleet.add('b.ent', A, '127.0.0.5')
  fleet.add('near', CNAME, parseName('far.partner.test.'))
  fleet.add('lost', CNAME, parseName('nothing.partner.test.'))
  fleet.add('out', CNAME, parseName('www.plain.test.'))
  fleet.add('loop', CNAME, parseName('pool.fleet.test.'))
  fleet.add('pool', CNAME, parseName('loop.fleet.test.'))
  fleet.add('old', DNAME, parseName('partner.test.'))
  fleet.add('_secure-mqtt._tcp', SRV, { priority: 1, weight: 2, port: 3, target: parseName('host.fleet.test.') })
  partner.add('far', A, '127.0.0.6')
  testbed.zone('plain.test.').add('www', A, '127.0.0.7')
})
afterAll(() => testbed.close())

describe('answers with DO', () => {
  it.each([
    ['a record', 'host.fleet.test', 1, 0, 'A*2 RRSIG(A)', ''],
    ['the keys', '.', DNSKEY, 0, 'DNSKEY*2 RRSIG(DNSKEY)', ''],
    ['DS at the parent (RFC 4035 §3.1.4.1)', 'fleet.test', DS, 0, 'DS RRSIG(DS)', ''],
    ['no DS, proved (RFC 4035 §3.1.4)', 'plain.test', DS, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['no DS at the root, from the root itself', '.', DS, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['NS from the child', 'fleet.test', NS, 0, 'NS RRSIG(NS)', ''],
    ['NODATA (RFC 4035 §3.1.3.1)', 'host.fleet.test', 28, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['NODATA of an empty non-terminal', 'ent.fleet.test', 1, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['NODATA above a zone cut that skips a label', 'ent.test', 1, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['NXDOMAIN, two records (RFC 4035 §3.1.3.2)', 'a.fleet.test', 1, 3, '', `SOA RRSIG(SOA) NSEC*2 ${PROOF}*2`],
    ['NXDOMAIN, one record that does for both', 'x.host.fleet.test', 1, 3, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['a wildcard with proof (RFC 4035 §3.1.3.3)', 'x.y.wild.fleet.test', 1, 0, 'A RRSIG(A)', `NSEC ${PROOF}`],
    ['the wildcard itself, without', '*.wild.fleet.test', 1, 0, 'A RRSIG(A)', ''],
    ['wildcard NODATA (RFC 4035 §3.1.3.4)', '!.wild.fleet.test', 28, 0, '', `SOA RRSIG(SOA) NSEC*2 ${PROOF}*2`],
    ['wildcard NODATA, one record for both', 'x.wild.fleet.test', 28, 0, '', `SOA RRSIG(SOA) NSEC ${PROOF}`],
    ['a wildcard CNAME', 'x.alias.fleet.test', 1, 0, 'CNAME RRSIG(CNAME) A*2 RRSIG(A)', `NSEC ${PROOF}`],
    ['CNAME into another zone', 'near.fleet.test', 1, 0, 'CNAME RRSIG(CNAME) A RRSIG(A)', ''],
    ['CNAME itself', 'near.fleet.test', 5, 0, 'CNAME RRSIG(CNAME)', ''],
    [
      'CNAME to nothing (RFC 6604 §3)',
      'lost.fleet.test',
      1,
      3,
      'CNAME RRSIG(CNAME)',
      `SOA RRSIG(SOA) NSEC*2 ${PROOF}*2`,
    ],
    ['CNAME into an unsigned zone', 'out.fleet.test', 1, 0, 'CNAME RRSIG(CNAME) A', ''],
    ['a CNAME loop, each hop once', 'loop.fleet.test', 1, 0, 'CNAME*2 RRSIG(CNAME)*2', ''],
    ['DNAME (RFC 6672 §3.2)', 'far.old.fleet.test', 1, 0, 'DNAME RRSIG(DNAME) CNAME A RRSIG(A)', ''],
    ['an unsigned zone', 'www.plain.test', 1, 0, 'A', ''],
    ['absence in an unsigned zone', 'x.plain.test', 1, 3, '', 'SOA'],
    ['an unsigned zone below an empty non-terminal', 'a.ent.test', SOA, 0, 'SOA', ''],
    ['a zone below a zone', 'deep.fleet.test', SOA, 0, 'SOA RRSIG(SOA)', ''],
    ['NSEC when asked for', 'host.fleet.test', TYPE.NSEC, 0, `NSEC ${PROOF}`, ''],
    ['signatures when asked for', 'host.fleet.test', RRSIG, 0, 'RRSIG(A) RRSIG(NSEC)', ''],
    ['everything when asked for', 'host.fleet.test', ANY, 0, `A*2 RRSIG(A) NSEC ${PROOF}`, ''],
  ])('%s', async (_, name, type, rcode, answer, authority) => {
    const message = await ask(testbed, name, type)
    expect({ rcode: message.rcode, answer: glance(message.answer), authority: glance(message.authority) }).toEqual({
      rcode,
      answer,
      authority,
    })
  })

  it('say that recursion is available and nothing was validated', async () => {
    const { flags, edns } = await ask(testbed, 'host.fleet.test', 1)
    expect(flags).toEqual({ qr: true, aa: false, tc: false, rd: true, ra: true, ad: false, cd: true })
    expect(edns).toMatchObject({ do: true, version: 0 })
  })

  it('overlong DNAME substitution is YXDOMAIN (RFC 6672 §3.2)', async () => {
    const label = 'x'.repeat(63)
    testbed.zone('fleet.test.').add('long', DNAME, parseName(`${label}.${label}.${label}.test.`))
    const { rcode, answer } = await ask(testbed, `${label}.${'y'.repeat(20)}.long.fleet.test`, 1)
    expect([rcode, glance(answer)]).toEqual([6, 'DNAME RRSIG(DNAME)'])
  })

  it.each(['x.host.fleet.test', 'zzz.fleet.test', '0.fleet.test', 'x.ent.fleet.test'])(
    'the NSEC records of %s cover it and its wildcard (RFC 4035 §5.4)',
    async (text) => {
      const name = parseName(text)
      const { authority, rcode } = await ask(testbed, text, 1)
      const spans = authority
        .filter(({ type }) => type === 47)
        .map((nsec) => [nsec.name, NSEC.decode(nsec.rdata).nextName])
      const covered = (at: typeof name) =>
        spans.some(
          ([owner, next]) =>
            owner !== undefined &&
            next !== undefined &&
            compareNames(owner, at) < 0 &&
            (compareNames(at, next) < 0 || next === 'fleet.test.'),
        )
      expect(rcode).toBe(3)
      expect(covered(name)).toBe(true)
      expect(covered(parseName(`*.${text.slice(text.indexOf('.') + 1)}`))).toBe(true)
    },
  )
})

describe('answers without DO (RFC 4035 §3.1)', () => {
  it.each([
    ['no signatures', 'host.fleet.test', 1, 'A*2', ''],
    ['no proof of absence', 'x.host.fleet.test', 1, '', 'SOA'],
    ['NSEC only when asked for', 'host.fleet.test', TYPE.NSEC, 'NSEC', ''],
  ])('%s', async (_, name, type, answer, authority) => {
    const message = await ask(testbed, name, type, { dnssecOk: false })
    expect([glance(message.answer), glance(message.authority)]).toEqual([answer, authority])
    expect(message.edns?.do).toBe(false)
  })
  it('no OPT record for a query without one (RFC 6891 §7)', async () => {
    expect((await ask(testbed, 'host.fleet.test', 1, { edns: false })).edns).toBeUndefined()
  })
})

describe('names are octets', () => {
  it('a label with a dot is another name than two labels', async () => {
    const fleet = testbed.zone('fleet.test.')
    fleet.add('dotted\\.label', AAAA, '::1')
    fleet.add('\\000\\255', octets(65280), Uint8Array.of(1, 2, 3))
    expect(glance((await ask(testbed, 'dotted\\.label.fleet.test', 28)).answer)).toBe('AAAA RRSIG(AAAA)')
    expect((await ask(testbed, 'dotted.label.fleet.test', 28)).rcode).toBe(3)
    const [record] = (await ask(testbed, '\\000\\255.fleet.test', 65280)).answer
    expect([record?.name, record?.rdata]).toEqual(['\\000\\255.fleet.test.', Uint8Array.of(1, 2, 3)])
  })
})
