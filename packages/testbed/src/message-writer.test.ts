import { parseName, prefixed } from '@portolan/core'
import { readMessage } from '@portolan/dns'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeReply } from './message-writer.ts'

const HEAD = { opcode: 0, recursionDesired: true, checkingDisabled: false, truncated: false, rcode: 0 }
const record = (owner: string, rdata: Uint8Array) => ({ owner: parseName(owner), type: 65_280, ttlSeconds: 60, rdata })

describe('writeReply', () => {
  it('is read back exactly, whatever octets names and rdata have', () => {
    const label = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((octets) => Array.from(octets, (octet) => `\\${String(octet).padStart(3, '0')}`).join(''))
    const owner = fc
      .array(label, { maxLength: 5 })
      .map((labels) => parseName(labels.length === 0 ? '.' : labels.join('.')))
    const records = fc.array(
      fc.record({
        owner,
        type: fc.constantFrom(65_280, 65_281),
        ttlSeconds: fc.nat(2 ** 31 - 1),
        rdata: fc.uint8Array({ maxLength: 40 }),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.integer({ min: 0, max: 0xfff }),
        records,
        records,
        (id, rcode, answer, authority) => {
          const edns = { dnssecOk: true, udpPayloadOctets: 1232 }
          const message = readMessage(writeReply({ ...HEAD, id, rcode, answer, authority, edns }))
          const read = (section: typeof message.answer) =>
            section.map(({ name, type, ttlSeconds, rdata }) => ({ owner: name, type, ttlSeconds, rdata }))
          expect([message.id, message.rcode]).toEqual([id, rcode])
          expect([read(message.answer), read(message.authority)]).toEqual([answer, authority])
        },
      ),
    )
  })
  it('points to a suffix that stands there already (RFC 1035 §4.1.4)', () => {
    const answer = [record('a.fleet.test', new Uint8Array()), record('b.fleet.test', new Uint8Array())]
    const octets = writeReply({ ...HEAD, id: 1, answer, authority: [] })
    expect(Array.from(octets.slice(-14, -10))).toEqual([1, 0x62, 0xc0, 14])
  })
  it('writes no pointer that 14 bits do not hold', () => {
    const filler = record('filler.', new Uint8Array(0x4000))
    const late = prefixed('late', parseName('name.'))
    const answer = [filler, { ...filler, owner: late, rdata: new Uint8Array() }, { ...filler, owner: late }]
    const { answer: read } = readMessage(writeReply({ ...HEAD, id: 1, answer, authority: [] }))
    expect(read.map(({ name }) => name)).toEqual(['filler.', 'late.name.', 'late.name.'])
  })
})
