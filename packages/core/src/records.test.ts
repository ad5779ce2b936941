import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { A } from './a.ts'
import { AAAA } from './aaaa.ts'
import { CNAME, substituted } from './alias.ts'
import { MalformedRecordError } from './errors.ts'
import { parseName, ROOT } from './name.ts'
import { canonicalRdata } from './records.ts'
import { SRV } from './srv.ts'

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

describe('A and AAAA', () => {
  it('decode(encode(x)) is x', () => {
    fc.assert(fc.property(octets(4), (rdata) => void expect(A.encode(A.decode(rdata))).toEqual(rdata)))
    fc.assert(fc.property(octets(16), (rdata) => void expect(AAAA.encode(AAAA.decode(rdata))).toEqual(rdata)))
  })

  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['FE80::', 'fe80::'],
  ])('writes %s as %s (RFC 5952 §4)', (text, short) => {
    expect(AAAA.decode(AAAA.encode(text))).toBe(short)
  })

  it.each(['1:2:3', '::1::', ':1', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8:9', 'g::', '::1.2.3'])(
    'refuses %s',
    (text) => {
      expect(() => AAAA.encode(text)).toThrow(MalformedRecordError)
    },
  )

  it.each(['1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', ''])('refuses %j', (text) => {
    expect(() => A.encode(text)).toThrow(MalformedRecordError)
  })
})

describe('SRV', () => {
  it('decode(encode(x)) is x', () => {
    const srv = { priority: 1, weight: 65_535, port: 8883, target: parseName('b1.fleet.example') }
    expect(SRV.decode(SRV.encode(srv))).toEqual(srv)
  })

  it('any octets end in a value or in our error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rdata) => {
        try {
          SRV.decode(rdata)
          CNAME.decode(rdata)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRecordError)
        }
      }),
    )
  })

  it('refuses octets after the target', () => {
    expect(() => SRV.decode(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 9]))).toThrow('1 octets after the name')
  })
})

it('DNAME substitution rewrites what stands below its owner, not the owner (RFC 6672 §2.2)', () => {
  const owner = parseName('old.example')
  const target = parseName('new.example')
  expect(substituted(parseName('a.b.old.example'), owner, target)).toBe('a.b.new.example.')
  expect(substituted(owner, owner, target)).toBeUndefined()
  expect(substituted(parseName('xold.example'), owner, target)).toBeUndefined()
  expect(substituted(parseName('a.old.example'), owner, ROOT)).toBe('a.')
  expect(substituted(parseName('a'), ROOT, target)).toBe('a.new.example.')
  const long = parseName(`${Array(4).fill('x'.repeat(55)).join('.')}.old.example`)
  expect(() => substituted(long, owner, parseName(`${'y'.repeat(50)}.example`))).toThrow('at most 255')
})

describe('canonical rdata', () => {
  const name = Uint8Array.of(1, 0x41, 2, 0x62, 0x63, 0)

  it('lowers names except in NSEC (RFC 6840 §5.1), and nothing before them', () => {
    expect(canonicalRdata(2, name)[1]).toBe(0x61)
    expect(canonicalRdata(47, name)[1]).toBe(0x41)
    expect(canonicalRdata(33, Uint8Array.of(0, 1, 0, 2, 0x41, 0x42, ...name)).slice(4, 8)).toEqual(
      Uint8Array.of(0x41, 0x42, 1, 0x61),
    )
  })

  it('takes any octets of any type, of the same length again, and leaves what it was given', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.uint8Array({ maxLength: 40 }), (type, rdata) => {
        const before = Uint8Array.from(rdata)
        expect(canonicalRdata(type, rdata)).toHaveLength(rdata.length)
        expect(rdata).toEqual(before)
      }),
    )
  })
})
