import { describe, expect, it } from 'vitest'
import {
  authorityKey,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  subjectAltNames,
  subjectKeyId,
} from './extension-values.ts'
import { ascii, element, sequence } from './testing/der.ts'

type Octets = readonly number[]

const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, SET] = [1, 2, 3, 4, 6, 0x31]
const yes = element(BOOLEAN, 0xff)
const serverAuth = element(OID, 0x2b, 6, 1, 5, 5, 7, 3, 1)
const dns = (name: string) => element(0x82, ascii(name))
const directory = sequence(element(SET, sequence(element(OID, 0x55, 4, 3), element(0x0c, ascii('A')))))
const srvName = element(0x16, ascii('_mqtt.a.test'))
const subtree = (...parts: readonly Octets[]) => sequence(...parts)
const of =
  <T>(read: (value: Uint8Array) => T) =>
  (value: Octets) =>
    read(Uint8Array.from(value))

describe('values of extensions (RFC 5280 §4.2)', () => {
  it.each([
    ['nothing', sequence(), { ca: false, pathLength: undefined }],
    ['a CA', sequence(yes), { ca: true, pathLength: undefined }],
    ['a CA with a path length', sequence(yes, element(INTEGER, 3)), { ca: true, pathLength: 3 }],
    ['a long path length', sequence(yes, element(INTEGER, 1, 0)), { ca: true, pathLength: 256 }],
    ['a path length beyond all', sequence(yes, element(INTEGER, 1, 0, 0, 0, 0)), { ca: true, pathLength: Infinity }],
    ['a path length of no CA', sequence(element(INTEGER, 0)), { ca: false, pathLength: undefined }],
    ['FALSE written out', sequence(element(BOOLEAN, 0)), { ca: false, pathLength: undefined }],
  ])('basicConstraints: %s', (_, value, expected) => expect(of(basicConstraints)(value)).toEqual(expected))

  it.each([
    ['digitalSignature', element(BIT_STRING, 7, 0x80), 1],
    ['keyCertSign and cRLSign', element(BIT_STRING, 1, 0x06), 0x60],
    ['decipherOnly', element(BIT_STRING, 7, 0, 0x80), 0x100],
    ['bits that the string says are not there', element(BIT_STRING, 4, 0xff), 0x0f],
    ['none', element(BIT_STRING, 0), 0],
  ])('keyUsage: %s', (_, value, expected) => expect(of(keyUsage)(value)).toBe(expected))

  it('extendedKeyUsage, subjectAltName and key identifiers', () => {
    expect(of(extendedKeyUsage)(sequence(serverAuth))).toEqual(['1.3.6.1.5.5.7.3.1'])
    const other = element(0xa0, element(OID, 0x2b, 6, 1, 5, 5, 7, 8, 7), element(0xa0, srvName))
    const names = [dns('a.test'), element(0x81, ascii('a@a.test')), element(0x86, ascii('mqtt://a.test'))]
    const more = [element(0x87, 192, 0, 2, 1), element(0xa4, directory), other, element(0xa3, sequence())]
    expect(of(subjectAltNames)(sequence(...names, ...more, element(0xa5), element(0x88, 0x2a)))).toEqual([
      { form: 'dns', text: 'a.test' },
      { form: 'email', text: 'a@a.test' },
      { form: 'uri', text: 'mqtt://a.test' },
      { form: 'ip', octets: Uint8Array.of(192, 0, 2, 1) },
      { form: 'directory', rdns: ['550403="a"'] },
      { form: 'other', typeId: '1.3.6.1.5.5.7.8.7', value: Uint8Array.from(srvName) },
      { form: 'x400' },
      { form: 'edi-party' },
      { form: 'registered-id' },
    ])
    expect(of(subjectKeyId)(element(OCTET_STRING, 0xab, 0xcd))).toBe('abcd')
    const [keyId, issuer, serial] = [element(0x80, 1), element(0xa1, dns('ca.test')), element(0x82, 9)]
    expect(of(authorityKey)(sequence(keyId, issuer, serial))).toEqual({
      keyId: '01',
      issuers: [{ form: 'dns', text: 'ca.test' }],
      serialNumber: '09',
    })
    expect(of(authorityKey)(sequence())).toEqual({})
  })

  it('nameConstraints, and which subtrees have a minimum or a maximum', () => {
    const plain = (base: Octets, ...limits: readonly Octets[]) => subtree(base, ...limits)
    const permitted = element(0xa0, plain(dns('a.test')), plain(dns('b.test'), element(0x80, 0)))
    const excluded = element(0xa1, plain(dns('c.test'), element(0x80, 1)), plain(dns('d.test'), element(0x81, 0)))
    const { permitted: allowed, excluded: denied } = of(nameConstraints)(sequence(permitted, excluded))
    expect(allowed.map(({ base, plain: isPlain }) => [base, isPlain])).toEqual([
      [{ form: 'dns', text: 'a.test' }, true],
      [{ form: 'dns', text: 'b.test' }, true],
    ])
    expect(denied.map((one) => one.plain)).toEqual([false, false])
  })

  const excluding = element(0xa1, subtree(dns('c.test')))
  it.each<readonly [string, (value: Octets) => unknown, Octets]>([
    ['basicConstraints of another type', of(basicConstraints), element(0xa3, yes)],
    ['octets after basicConstraints', of(basicConstraints), [...sequence(yes), 0]],
    ['a second path length', of(basicConstraints), sequence(yes, element(INTEGER, 3), element(INTEGER, 0))],
    ['the path length first', of(basicConstraints), sequence(element(INTEGER, 0), yes)],
    ['a negative path length', of(basicConstraints), sequence(yes, element(INTEGER, 0xff))],
    ['a padded path length', of(basicConstraints), sequence(yes, element(INTEGER, 0, 0))],
    ['a path length of no octets', of(basicConstraints), sequence(yes, element(INTEGER))],
    ['a flag of two octets', of(basicConstraints), sequence(element(BOOLEAN, 0, 0xff))],
    ['a flag of no octets', of(basicConstraints), sequence(element(BOOLEAN))],
    ['more unused bits than an octet has', of(keyUsage), element(BIT_STRING, 8, 0x80)],
    ['unused bits of no octets', of(keyUsage), element(BIT_STRING, 1)],
    ['a bit string without its first octet', of(keyUsage), element(BIT_STRING)],
    ['a purpose that is none', of(extendedKeyUsage), sequence(serverAuth, element(5))],
    ['purposes of another type', of(extendedKeyUsage), element(0xa3, serverAuth)],
    ['no alternative name', of(subjectAltNames), sequence()],
    ['alternative names of another type', of(subjectAltNames), element(0xa0, dns('a.test'))],
    ['a general name of no form', of(subjectAltNames), sequence(element(0x89, 1))],
    ['a dNSName in constructed form', of(subjectAltNames), sequence(element(0xa2, dns('a.test')))],
    ['an otherName without a value', of(subjectAltNames), sequence(element(0xa0, element(OID, 0x2a)))],
    ['a directoryName that is none', of(subjectAltNames), sequence(element(0xa4, element(SET)))],
    ['a second list of excluded subtrees', of(nameConstraints), sequence(excluding, excluding)],
    ['excluded before permitted', of(nameConstraints), sequence(excluding, element(0xa0, subtree(dns('a.test'))))],
    ['constraints that constrain nothing', of(nameConstraints), sequence(element(0xa0), element(0xa1))],
    ['a subtree without a base', of(nameConstraints), sequence(element(0xa1, subtree()))],
    ['a subtree with more than limits', of(nameConstraints), sequence(element(0xa1, subtree(dns('c.test'), yes)))],
    ['a key identifier of another type', of(subjectKeyId), element(BIT_STRING, 0)],
    ['an authority key of another type', of(authorityKey), element(0xa3, element(0x80, 1))],
    ['two key identifiers', of(authorityKey), sequence(element(0x80, 1), element(0x80, 2))],
  ])('throws for %s', (_, read, value) => expect(() => read(value)).toThrow(Error))
})
