import { InvalidOptionError } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { parseServer, serverText } from './server-address.ts'

describe('parseServer', () => {
  it.each<[string, string, number, string]>([
    ['192.0.2.53', '192.0.2.53', 53, '192.0.2.53:53'],
    ['127.0.0.1:5353', '127.0.0.1', 5353, '127.0.0.1:5353'],
    ['::1', '::1', 53, '[::1]:53'],
    ['2001:db8::53', '2001:db8::53', 53, '[2001:db8::53]:53'],
    ['[2001:db8::53]:5353', '2001:db8::53', 5353, '[2001:db8::53]:5353'],
    ['[::1]', '::1', 53, '[::1]:53'],
    ['fe80::1%eth0', 'fe80::1%eth0', 53, '[fe80::1%eth0]:53'],
    ['[fe80::1%2]:53', 'fe80::1%2', 53, '[fe80::1%2]:53'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1', 53, '[::ffff:192.0.2.1]:53'],
  ])('reads %s', (text, host, port, full) => {
    expect(parseServer(text)).toEqual({ host, port })
    expect(serverText(parseServer(text))).toBe(full)
    expect(parseServer(full)).toEqual({ host, port })
  })

  it.each([
    '',
    'dns.example',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '[::1',
    '[192.0.2.1]x',
    'fe80::1%',
    '1::2::3',
    '::1 ',
    '[::1]:x',
  ])('refuses %j', (text) => {
    expect(() => parseServer(text)).toThrow(InvalidOptionError)
  })
})
