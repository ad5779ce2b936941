import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidNameError } from './errors.ts'
import {
  displayName,
  isAtOrBelow,
  labelsOf,
  type Name,
  nameFromWire,
  nameToWire,
  parentOf,
  parseDomain,
  parseName,
  prefixed,
  ROOT,
  selfAndAncestors,
} from './name.ts'

const wireLabel = fc.uint8Array({ minLength: 1, maxLength: 63 })
const wireName = fc
  .array(wireLabel, { maxLength: 5 })
  .map((labels) => Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]))
  .filter(({ length }) => length <= 255)

describe('parseName', () => {
  it.each([
    ['Fleet.Example', 'fleet.example.'],
    ['fleet.example.', 'fleet.example.'],
    ['.', '.'],
    ['_secure-mqtt._tcp.x', '_secure-mqtt._tcp.x.'],
    ['a\\.b.c', 'a\\046b.c.'],
    ['a\\046b.c', 'a\\046b.c.'],
    ['\\000.c', '\\000.c.'],
    ['\\065.c', 'a.c.'],
    ['*.c', '*.c.'],
  ])('reads %s as %s', (text, name) => {
    expect(parseName(text)).toBe(name)
  })

  it.each([
    ['', 'empty'],
    ['a..b', 'empty label'],
    ['.a', 'empty label'],
    ['a\\', 'backslash'],
    ['a\\256', 'no octet'],
    ['a b', 'space'],
    ['bücher.example', 'A-label'],
    [`${'a'.repeat(64)}.example`, '64 octets'],
    [Array(50).fill('abcde').join('.'), 'at most 255'],
  ])('refuses %j', (text, why) => {
    expect(() => parseName(text)).toThrow(InvalidNameError)
    expect(() => parseName(text)).toThrow(why)
  })

  it('keeps a dot inside a label apart from the dot between labels', () => {
    expect(parseName('a\\.b.c')).not.toBe(parseName('a.b.c'))
    expect(labelsOf(parseName('a\\.b.c'))).toEqual(['a\\046b', 'c'])
  })
})

describe('wire form', () => {
  it('round-trips every octet but letter case (RFC 4343)', () => {
    fc.assert(
      fc.property(wireName, (wire) => {
        const lowered = wire.map((octet) => octet)
        for (let at = 0; (lowered[at] ?? 0) > 0; at += (lowered[at] ?? 0) + 1) {
          for (let i = at + 1; i <= at + (lowered[at] ?? 0); i++) {
            const octet = lowered[i] ?? 0
            if (octet >= 0x41 && octet <= 0x5a) lowered[i] = octet + 0x20
          }
        }
        const { name, end } = nameFromWire(wire)
        expect(end).toBe(wire.length)
        expect(nameToWire(name)).toEqual(lowered)
        expect(parseName(name)).toBe(name)
      }),
    )
  })

  it.each([
    ['ends early', [3, 97]],
    ['is a pointer', [0xc0, 0]],
    ['has no end', [1, 97]],
    ['is empty', []],
  ])('refuses octets of which the name %s', (_, octets) => {
    expect(() => nameFromWire(Uint8Array.from(octets))).toThrow(InvalidNameError)
  })

  it.each(['fleet.example', 'Fleet.example.', 'local', ''])('refuses %j, which parseName has not read', (text) => {
    expect(() => nameToWire(text as Name)).toThrow(InvalidNameError)
  })
})

it('parseDomain makes A-labels of Unicode (RFC 5891)', () => {
  expect(parseDomain('Bücher.example')).toBe('xn--bcher-kva.example.')
  expect(() => parseDomain('bücher/x.example')).toThrow(InvalidNameError)
  expect(() => parseDomain('ü:8883')).toThrow(InvalidNameError)
})

it('ancestors are compared by whole labels', () => {
  const name = parseName('a.fleet.example')
  expect(isAtOrBelow(name, parseName('fleet.example'))).toBe(true)
  expect(isAtOrBelow(name, name)).toBe(true)
  expect(isAtOrBelow(name, ROOT)).toBe(true)
  expect(isAtOrBelow(parseName('xfleet.example'), parseName('fleet.example'))).toBe(false)
  expect(isAtOrBelow(parseName('x\\.fleet.example'), parseName('fleet.example'))).toBe(false)
  expect(selfAndAncestors(parseName('a.b'))).toEqual(['a.b.', 'b.', '.'])
  expect(parentOf(ROOT)).toBeUndefined()
  expect(() => selfAndAncestors('fleet.example' as Name)).toThrow(InvalidNameError)
  expect(displayName(name)).toBe('a.fleet.example')
  expect(prefixed('_8883._tcp', ROOT)).toBe('_8883._tcp.')
})
