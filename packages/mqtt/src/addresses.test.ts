import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { interleaved } from './addresses.ts'
import { candidate } from './testing/plan.ts'

const order = (...addresses: readonly string[]) =>
  interleaved(candidate({ addresses }).addresses).map(({ address }) => address)

it.each([
  [
    ['192.0.2.1', '2001:db8::1'],
    ['2001:db8::1', '192.0.2.1'],
  ],
  [
    ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
    ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
  ],
  [
    ['2001:db8::1', '2001:db8::2', '192.0.2.1'],
    ['2001:db8::1', '192.0.2.1', '2001:db8::2'],
  ],
  [['192.0.2.1'], ['192.0.2.1']],
  [[], []],
])('families take turns, IPv6 first (RFC 8305 §4): %s', (given, expected) => {
  expect(order(...given)).toEqual(expected)
})

it('loses and invents none', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 20 }), (addresses) => {
      expect(order(...addresses).toSorted()).toEqual(addresses.toSorted())
    }),
  )
})
