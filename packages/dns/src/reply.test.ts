import { LookupError, parseName, type Query } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { joined } from './rdata.ts'
import { readReply } from './reply.ts'
import {
  message,
  opt,
  pointer,
  question,
  type RawMessage,
  RESPONSE,
  record,
  rrsig,
  srv,
  u16,
} from './testing/messages.ts'

const query: Query = { name: parseName('fleet.example.'), type: 33 }
const echoed = question('fleet.example.', 33)
const read = (parts: RawMessage) => readReply(message({ questions: [echoed], ...parts }), query, '192.0.2.53:53')
const failure = (octets: Uint8Array) => {
  try {
    readReply(octets, query, '192.0.2.53:53')
  } catch (error) {
    return error
  }
}

describe('readReply', () => {
  it('says who answered, the response code with its upper bits, TC and AD', () => {
    const reply = read({ bits: 0x81a3, additional: [opt(undefined, { upperRcode: 1 })] })
    expect(reply).toMatchObject({ query, rcode: 0x13, truncated: false, authenticData: true, server: '192.0.2.53:53' })
    expect(reply.proof).toBeUndefined()
  })

  it('sorts records into RRsets with the signatures that cover them, in the order of arrival', () => {
    const reply = read({
      answer: [
        record(pointer(12), 46, rrsig(33)),
        record(pointer(12), 33, srv('b.example.')),
        record('b.example.', 1, Uint8Array.of(1, 2, 3, 4)),
        record('FLEET.example.', 33, srv('a.example.')),
      ],
      authority: [record('example.', 46, rrsig(6))],
    })
    expect(reply.answer).toMatchObject([
      { owner: 'fleet.example.', type: 33, records: [{ type: 33 }, { type: 33 }], signatures: [{ type: 46 }] },
      { owner: 'b.example.', type: 1, records: [{ ttlSeconds: 300 }], signatures: [] },
    ])
    expect(reply.authority).toMatchObject([{ owner: 'example.', type: 6, records: [], signatures: [{ type: 46 }] }])
  })

  it('drops duplicates (RFC 2181 §5), the case of names in rdata not counting, that of text counting', () => {
    const text = (value: string) => joined([Uint8Array.of(value.length), Buffer.from(value)])
    const reply = read({
      answer: [
        record(pointer(12), 33, srv('A.example.')),
        record(pointer(12), 33, srv('a.EXAMPLE.'), { ttl: 9 }),
        record(pointer(12), 33, srv('a.example.', 1883)),
        record('t.', 16, text('x')),
        record('t.', 16, text('X')),
        record('n.', 47, joined([Buffer.from('\x01x\x00')])),
        record('n.', 47, joined([Buffer.from('\x01X\x00')])),
        record(pointer(12), 46, rrsig(33)),
        record(pointer(12), 46, rrsig(33)),
      ],
    })
    expect(reply.answer.map(({ records }) => records.length)).toEqual([2, 2, 2])
    expect(reply.answer[0]?.signatures).toHaveLength(1)
  })

  it('leaves out other classes than IN', () => {
    expect(read({ answer: [record(pointer(12), 33, srv('a.'), { class: 3 })] }).answer).toEqual([])
  })

  it('keeps Extended DNS Errors (RFC 8914), text fit to print', () => {
    const option = (text: string) => joined([u16(15, 2 + text.length, 6), Buffer.from(text, 'latin1')])
    const rdata = joined([option('no\x1b[2Jkey\0'), option('\xff'), u16(15, 1), Uint8Array.of(1), option('')])
    expect(read({ additional: [opt(rdata)] }).extendedErrors).toEqual([
      { code: 6, text: 'no\ufffd[2Jkey' },
      { code: 6, text: '\ufffd' },
      { code: 6, text: '' },
    ])
  })

  it('keeps nothing of a truncated reply, which may end anywhere (RFC 2181 §9)', () => {
    const whole = message({ bits: RESPONSE | 0x200, questions: [echoed], answer: [record(pointer(12), 33, srv('a.'))] })
    for (const octets of [whole, whole.subarray(0, -3)]) {
      expect(readReply(octets, query, 's')).toMatchObject({ truncated: true, answer: [], authority: [] })
    }
  })

  it.each([1, 2, 4, 5])('takes response code %d without the question', (rcode) => {
    expect(read({ bits: RESPONSE | rcode, questions: [] }).rcode).toBe(rcode)
  })

  it.each<[string, RawMessage]>([
    ['a query', { bits: 0x0100 }],
    ['another opcode', { bits: 0xa180 }],
    ['another name', { questions: [question('fleet2.example.', 33)] }],
    ['a name whose dot is in a label', { questions: [question(Buffer.from('\x0dfleet.example\x00'), 33)] }],
    ['another type', { questions: [question('fleet.example.', 1)] }],
    ['another class', { questions: [question('fleet.example.', 33, 3)] }],
    ['two questions', { questions: [echoed, echoed] }],
    ['no question', { questions: [] }],
    ['no question with NXDOMAIN', { bits: RESPONSE | 3, questions: [] }],
  ])('refuses %s', (_, parts) => {
    const error = failure(message({ questions: [echoed], ...parts }))
    expect(error).toBeInstanceOf(LookupError)
    expect(error).toMatchObject({
      code: 'dns/mismatched-reply',
      owner: 'fleet.example.',
      type: 'SRV',
      server: '192.0.2.53:53',
    })
  })

  it('says of garbage that it is malformed, with the reason as cause', () => {
    const error = failure(new Uint8Array(10_240).fill(0x61))
    expect(error).toMatchObject({
      code: 'dns/malformed',
      cause: { name: 'MalformedMessageError' },
      security: 'indeterminate',
    })
  })
})
