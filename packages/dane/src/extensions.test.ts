import { describe, expect, it } from 'vitest'
import { framedExtensions } from './extensions.ts'
import { element, sequence } from './testing/der.ts'

const id = element(6, 0x55, 0x1d, 0x13)
const value = element(4, 0x30, 0x00)
const read = (list: readonly number[]) => framedExtensions(Uint8Array.from(list))

describe('extensions (RFC 5280 §4.1.2.9)', () => {
  it.each([
    ['critical', sequence(id, element(1, 0xff), value), true],
    ['not critical', sequence(id, value), false],
    ['not critical, written out as DER would not', sequence(id, element(1, 0), value), false],
  ])('%s', (_, one, critical) => {
    expect(read(sequence(one))).toEqual([{ oid: '2.5.29.19', critical, value: Uint8Array.of(0x30, 0x00) }])
  })

  it.each([
    ['an empty list', sequence()],
    ['octets after the list', [...sequence(sequence(id, value)), 0]],
    ['no SEQUENCE', element(0x31, sequence(id, value))],
    ['an extension that is no SEQUENCE', sequence(element(0x31, id, value))],
    ['no value', sequence(sequence(id))],
    ['no identifier', sequence(sequence(value))],
    ['an identifier that ends inside a number', sequence(sequence(element(6, 0x55, 0x9d), value))],
    ['a part too many', sequence(sequence(id, value, value))],
    ['a part too many after the flag', sequence(sequence(id, element(1, 0xff), value, value))],
    ['a flag of two octets', sequence(sequence(id, element(1, 0xff, 0xff), value))],
    ['a value of another type', sequence(sequence(id, element(3, 0)))],
  ])('throws for %s', (_, list) => {
    expect(() => read(list)).toThrow(Error)
  })
})
