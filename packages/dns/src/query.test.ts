import { nameToWire, parseName } from '@portolan/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from './message.ts'
import { questionKey, writeQuery } from './query.ts'

describe('writeQuery', () => {
  it('sets RD, CD (RFC 4035 §3.2.2), EDNS 1232 and DO (RFC 3225), nothing else', () => {
    const octets = writeQuery({ name: parseName('Fleet.example'), type: 33 }, { id: 0xbeef })
    expect(Buffer.from(octets).toString('hex')).toBe(
      'beef01100001000000000001' + '05666c656574076578616d706c6500' + '00210001' + '0000290' + '4d0000080000000',
    )
  })

  it.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])('with checkingDisabled %s sends CD %s', (checkingDisabled, cd) => {
    const { flags } = readMessage(writeQuery({ name: parseName('a'), type: 1, checkingDisabled }, { id: 1 }))
    expect(flags).toEqual({ qr: false, aa: false, tc: false, rd: true, ra: false, ad: false, cd })
  })

  it.each([1, 33, 52, 64, 65, 256, 65280, 65535])('asks for type %d, known to dns-packet or not', (type) => {
    const query = readMessage(writeQuery({ name: parseName('a.'), type }, { id: 0, udpPayloadOctets: 4096 }))
    expect(query.questions).toMatchObject([{ name: 'a.', type, class: 1 }])
    expect(query.edns).toMatchObject({ do: true, udpPayloadOctets: 4096, version: 0 })
  })

  it('sends any name octet for octet: dots in labels, NUL, no UTF-8, the root, 255 octets', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((octets) => {
      return Array.from(octets, (octet) => `\\${String(octet).padStart(3, '0')}`).join('')
    })
    const name = fc.array(label, { maxLength: 3 }).map((labels) => parseName(`${labels.join('.')}.`))
    fc.assert(
      fc.property(name, (owner) => {
        const { questions } = readMessage(writeQuery({ name: owner, type: 16 }, { id: 7 }))
        expect(questions).toMatchObject([{ name: owner, ownerOctets: nameToWire(owner), type: 16 }])
      }),
    )
  })
})

describe('questionKey', () => {
  const name = parseName('a.example')
  it('is equal for equal questions only', () => {
    expect(questionKey({ name, type: 1 })).toBe(questionKey({ name, type: 1, checkingDisabled: true }))
    const others = [
      { name, type: 1, checkingDisabled: false },
      { name, type: 11 },
      { name: parseName('example'), type: 1 },
    ]
    expect(new Set([{ name, type: 1 }, ...others].map(questionKey)).size).toBe(4)
  })
})
