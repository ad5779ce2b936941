import { isPortolanError, nameToWire, parseName, SRV } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedMessageError } from './errors.ts'
import { readMessage } from './message.ts'
import { joined } from './rdata.ts'
import { message, opt, pointer, question, RESPONSE, record, rrsig, soa, srv, u16, wire } from './testing/messages.ts'

const name = (text: string) => parseName(text)

describe('header, questions, sections (RFC 1035 §4.1)', () => {
  it('reads every field', () => {
    const read = readMessage(
      message({
        id: 0xbeef,
        bits: 0xafb3,
        questions: [question('Fleet.Example.', 33)],
        answer: [record(pointer(12), 1, Uint8Array.of(192, 0, 2, 1), { ttl: 60 })],
        authority: [record('example.', 6, soa(300))],
        additional: [record('a.example.', 28, new Uint8Array(16), { ttl: 0x8000_0000 })],
      }),
    )
    expect(read).toMatchObject({ id: 0xbeef, opcode: 5, rcode: 3 })
    expect(read.flags).toEqual({ qr: true, aa: true, tc: true, rd: true, ra: true, ad: true, cd: true })
    expect(read.questions).toMatchObject([{ name: 'fleet.example.', type: 33, class: 1 }])
    expect(new TextDecoder().decode(read.questions[0]?.ownerOctets)).toBe('\x05Fleet\x07Example\x00')
    expect(read.answer).toMatchObject([{ name: 'fleet.example.', type: 1, class: 1, ttlSeconds: 60 }])
    expect(read.authority).toHaveLength(1)
    // RFC 2181 §8
    expect(read.additional).toMatchObject([{ ttlSeconds: 0 }])
    expect(read.edns).toBeUndefined()
  })

  it('reads no flag into another', () => {
    const read = readMessage(message({ bits: 0x0010 }))
    expect(read.flags).toEqual({ qr: false, aa: false, tc: false, rd: false, ra: false, ad: false, cd: true })
    expect(read.opcode).toBe(0)
  })

  it('keeps each rdata to its RDLENGTH, even where a name could go on in the next record', () => {
    const cut = record('.', 33, Uint8Array.of(0, 0, 0, 0, 0, 0, 1))
    const address = record('.', 1, Uint8Array.of(192, 0, 2, 1))
    expect(() => readMessage(message({ answer: [cut, address] }))).toThrow('longer than its RDLENGTH')
    expect(() => readMessage(message({ answer: [record('.', 1, new Uint8Array(4), { length: 5 })] }))).toThrow(
      'past the end',
    )
  })

  it('does not share memory with what it read: a socket writes the next datagram there', () => {
    const rdata = Uint8Array.of(1, 2, 3, 4)
    const answer = [record('a.example.', 1, rdata), record('a.example.', 1, rdata, { class: 3 })]
    const octets = Buffer.from(message({ answer, additional: [opt(joined([u16(10, 4), rdata]))] }))
    const read = readMessage(octets)
    octets.fill(0xff)
    expect(read.answer.map((one) => one.rdata)).toEqual([rdata, rdata])
    expect(read.edns?.options).toEqual([{ code: 10, data: rdata }])
    expect(read.answer[0]?.ownerOctets).toEqual(wire('a.example.'))
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['half a header', new Uint8Array(11)],
    ['a question that is not there', u16(1, RESPONSE, 1, 0, 0, 0)],
    ['half a question', joined([u16(1, RESPONSE, 1, 0, 0, 0), wire('a.'), u16(1)])],
    ['65,535 records in no octets', u16(1, RESPONSE, 0, 0xffff, 0xffff, 0xffff)],
    ['an octet after the last record', joined([message({}), Uint8Array.of(0)])],
    ['RDLENGTH past the end', message({ answer: [record('.', 1, new Uint8Array(4), { length: 5 })] })],
    ['RDLENGTH short of the rdata', message({ answer: [record('.', 65280, new Uint8Array(40), { length: 3 })] })],
    ['an SRV whose target passes RDLENGTH', message({ answer: [record('.', 33, srv('a.b.'), { length: 8 })] })],
    ['an SRV without room for its target', message({ answer: [record('.', 33, u16(1, 2)), record('.', 33, u16(1))] })],
    ['a NAPTR string past RDLENGTH', message({ answer: [record('.', 35, Uint8Array.of(0, 0, 0, 0, 200))] })],
    ['an MX inside whose name the message ends', message({ answer: [record('.', 15, Uint8Array.of(0, 0, 3, 97))] })],
  ])('refuses %s', (_, octets) => {
    expect(() => readMessage(octets)).toThrow(MalformedMessageError)
  })
})

describe('names (RFC 1035 §3.1, §4.1.4)', () => {
  it.each<[string, Uint8Array, string]>([
    ['a dot in a label', Uint8Array.of(3, 97, 0x2e, 98, 0), 'a\\046b.'],
    ['NUL', Uint8Array.of(1, 0, 0), '\\000.'],
    ['octets that are no UTF-8', Uint8Array.of(2, 0xff, 0xfe, 0), '\\255\\254.'],
    ['a backslash', Uint8Array.of(4, 0x5c, 0x30, 0x34, 0x36, 0), '\\092046.'],
  ])('keeps %s', (_, owner, text) => {
    const read = readMessage(message({ questions: [question(owner, 1)], answer: [record(owner, 5, owner)] }))
    expect(read.questions[0]?.name).toBe(text)
    expect(read.questions[0]?.ownerOctets).toEqual(owner)
    expect(read.answer[0]).toMatchObject({ name: text, rdata: owner })
    expect(nameToWire(name(text))).toEqual(owner)
  })

  it('never calls two different names equal', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 12 })
    const octets = fc.array(label, { maxLength: 4 }).map((labels) => {
      return joined([...labels.map((one) => joined([Uint8Array.of(one.length), one])), Uint8Array.of(0)])
    })
    const lower = (owner: Uint8Array) => owner.map((octet) => (octet > 0x40 && octet < 0x5b ? octet + 32 : octet))
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        const [first, second] = readMessage(message({ questions: [question(a, 1), question(b, 1)] })).questions
        expect(first?.ownerOctets).toEqual(a)
        // Label lengths are under 0x40, so lowering touches letters only.
        expect(first?.name === second?.name).toBe(Buffer.compare(lower(a), lower(b)) === 0)
      }),
    )
  })

  it('expands pointers in owners and in the rdata of known types, and keeps the case', () => {
    const { answer } = readMessage(
      message({
        questions: [question('Fleet.Example.', 33)],
        answer: [
          record(pointer(12), 33, srv(joined([Uint8Array.of(1, 0x41), pointer(18)]))),
          record(joined([Uint8Array.of(1, 0x78), pointer(12)]), 65280, joined([u16(1), pointer(12)])),
        ],
      }),
    )
    expect(answer[0]?.rdata).toEqual(joined([u16(0, 0, 8883), Buffer.from('\x01A\x07Example\x00')]))
    expect(answer[0] && SRV.decode(answer[0].rdata).target).toBe('a.example.')
    expect(answer[1]?.name).toBe('x.fleet.example.')
    // RFC 3597 §4: what is no known type has no names.
    expect(answer[1]?.rdata).toEqual(joined([u16(1), pointer(12)]))
  })

  it('expands two names in one rdata and keeps what follows them (SOA)', () => {
    const rdata = joined([Uint8Array.of(2, 110, 115), pointer(12), pointer(12), new Uint8Array(20).fill(7)])
    const { answer } = readMessage(message({ questions: [question('a.', 6)], answer: [record(pointer(12), 6, rdata)] }))
    expect(answer[0]?.rdata).toEqual(joined([wire('ns.a.'), wire('a.'), new Uint8Array(20).fill(7)]))
  })

  const long = joined([...Array.from({ length: 127 }, () => Uint8Array.of(1, 97)), Uint8Array.of(0)])
  it('takes a name of 255 octets', () => {
    expect(readMessage(message({ questions: [question(long, 1)] })).questions[0]?.ownerOctets).toHaveLength(255)
  })

  const q = question('a.', 1)
  it.each<[string, Uint8Array]>([
    ['a pointer to itself', message({ questions: [question(pointer(12), 1)] })],
    ['a pointer forward', message({ questions: [question(pointer(18), 1), q] })],
    [
      'a pointer to the label before it',
      message({ questions: [question(joined([Uint8Array.of(1, 97), pointer(12)]), 1)] }),
    ],
    ['two pointers to each other', message({ questions: [question(pointer(18), 1), question(pointer(12), 1)] })],
    ['a pointer into the header', message({ questions: [q], answer: [record(pointer(4), 1, new Uint8Array(4))] })],
    ['half a pointer', joined([u16(1, RESPONSE, 1, 0, 0, 0), Uint8Array.of(0xc0)])],
    ['a label of kind 01', message({ questions: [question(Uint8Array.of(0x41, 1, 0), 1)] })],
    ['a label of kind 10', message({ questions: [question(Uint8Array.of(0x81, 1, 0), 1)] })],
    ['256 octets', message({ questions: [question(joined([Uint8Array.of(2, 98, 98), long.subarray(2)]), 1)] })],
    [
      '256 octets by pointer',
      message({ questions: [question(long, 1), question(joined([Uint8Array.of(1, 98), pointer(12)]), 1)] }),
    ],
    [
      'a compressed signer (RFC 4034 §3.1.7)',
      message({ questions: [q], answer: [record('a.', 46, joined([new Uint8Array(18), pointer(12)]))] }),
    ],
    ['a compressed next name (RFC 4034 §4.1.1)', message({ questions: [q], answer: [record('a.', 47, pointer(12))] })],
  ])('refuses %s', (_, octets) => {
    expect(() => readMessage(octets)).toThrow(MalformedMessageError)
  })

  it('refuses a chain of more than 127 pointers', () => {
    const chain = Array.from({ length: 200 }, (_, i) => pointer(i === 0 ? 12 : 17 + 11 + 2 * (i - 1)))
    const rdata = joined(chain)
    const octets = (entry: number) =>
      message({
        questions: [question(Uint8Array.of(0), 1)],
        answer: [record('.', 65280, rdata), record(pointer(28 + 2 * entry), 1, new Uint8Array(4))],
      })
    expect(readMessage(octets(100)).answer[1]?.name).toBe('.')
    expect(() => readMessage(octets(150))).toThrow(/127 pointers/)
  })
})

describe('EDNS (RFC 6891 §6.1)', () => {
  it('tells size, DO, options, and joins the response code', () => {
    const read = readMessage(
      message({
        bits: RESPONSE | 7,
        additional: [opt(joined([u16(10, 3), Uint8Array.of(1, 2, 3), u16(12, 0)]), { upperRcode: 1 })],
      }),
    )
    expect(read.rcode).toBe(0x17)
    expect(read.edns).toMatchObject({ version: 0, udpPayloadOctets: 1232, do: true })
    expect(read.edns?.options).toEqual([
      { code: 10, data: Uint8Array.of(1, 2, 3) },
      { code: 12, data: new Uint8Array() },
    ])
    expect(read.additional).toEqual([])
  })

  it.each<[string, readonly Uint8Array[]]>([
    ['two OPT', [opt(), opt()]],
    ['an owned OPT', [record('a.', 41, new Uint8Array())]],
    ['half an option', [opt(Uint8Array.of(0, 10, 0))]],
    ['an option longer than its record', [opt(u16(10, 1))]],
  ])('refuses %s', (_, additional) => {
    expect(() => readMessage(message({ additional }))).toThrow(MalformedMessageError)
  })
})

describe('hostile octets', () => {
  /** The message of which dns-packet makes 196,605 records (SSHFP with a short rdata, its counts at 65,535). */
  it('ends a bomb of 67 octets in our error', () => {
    const bomb = joined([
      u16(1, RESPONSE, 1, 0xffff, 0xffff, 0xffff),
      question('a.', 1),
      record('.', 44, new Uint8Array(), {}),
    ])
    const padded = joined([bomb, new Uint8Array(67 - bomb.length)])
    expect(() => readMessage(padded)).toThrow(MalformedMessageError)
  })

  const valid = message({
    questions: [question('Fleet.Example.', 33)],
    answer: [
      record(pointer(12), 33, srv(joined([Uint8Array.of(1, 0x41), pointer(18)]))),
      record(pointer(12), 46, rrsig(33)),
      record(pointer(18), 35, joined([u16(1, 1), Uint8Array.of(1, 97, 0, 0), pointer(12)])),
    ],
    authority: [
      record(pointer(18), 6, soa(300)),
      record(pointer(18), 47, joined([wire('z.'), Uint8Array.of(0, 1, 64)])),
    ],
    additional: [opt(joined([u16(15, 6, 9), Uint8Array.of(0x6f, 0x6f, 0x70, 0)]))],
  })
  const readsOrRefuses = (octets: Uint8Array) => {
    try {
      readMessage(octets)
    } catch (error) {
      expect(isPortolanError(error), String(error)).toBe(true)
    }
  }

  it('ends any octets in a message or in our error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 10_240, size: 'max' }), readsOrRefuses), { numRuns: 200 })
  })

  it('ends any mutation of a good message in a message or in our error', () => {
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(valid.length), (changes, cut) => {
        const octets = valid.slice()
        for (const [at, octet] of changes) octets[at] = octet
        readsOrRefuses(octets)
        readsOrRefuses(octets.subarray(0, cut))
      }),
      { numRuns: 3_000 },
    )
  })

  it('reads what it can read: the message that is mutated above is good', () => {
    const read = readMessage(valid)
    expect([read.answer.length, read.authority.length, read.edns?.options.length]).toEqual([3, 2, 1])
  })
})
