import { describe, expect, it } from 'vitest'
import { FLEET, run } from './testing/run.ts'

describe('the command line', () => {
  it.each([
    ['discover', "missing required argument 'domain'"],
    ['discover fleet.example --nearby 1,2', "unknown option '--nearby'\n(Did you mean --near?)"],
    ['discover fleet.example --near Berlin', 'Expected latitude and longitude'],
    ['discover fleet.example --near 91,0', 'Expected latitude and longitude'],
    ['discover fleet.example --resolver dns.example', 'Expected an address'],
    ['discover fleet.example --resolver 192.0.2.53:70000', 'Expected an address'],
    ['discover fleet.example --resolver 192.0.2', 'Expected an address'],
    ['discover fleet.example --timeout 0', 'Expected milliseconds'],
    ['discover fleet.example another.example', 'too many arguments'],
    ['discover fleet..example', 'is not a domain name: it has an empty label'],
    ['discover fleet.example --trust-anchor empty', 'empty has no DS or DNSKEY record'],
    ['discovr fleet.example', "unknown command 'discovr'\n(Did you mean discover?)"],
  ])('2 for %s', async (args, words) => {
    const { status, err, out } = await run(args, FLEET, {}, { empty: '; nothing\n' })
    expect(err).toContain(words)
    expect(err).toContain('--help')
    expect([status, out]).toEqual([2, ''])
  })

  it('2 for a trust anchor file that cannot be read', async () => {
    const { status, err } = await run('discover fleet.example --trust-anchor missing.ds')
    expect(err).toContain('missing.ds cannot be read: ENOENT')
    expect(status).toBe(2)
  })
})

describe('help', () => {
  it('names every option, examples and every exit status, within 100 columns', async () => {
    const { status, out, err } = await run('discover --help')
    for (const words of [
      '--near <lat,lon>',
      'Examples:',
      'Columns:',
      'Exit status:',
      '  3  no such domain',
      '130  interrupted',
    ]) {
      expect(out).toContain(words)
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect([status, err]).toEqual([0, ''])
  })

  it('comes with status 0 when asked for and 2 when nothing was', async () => {
    expect((await run('--help')).status).toBe(0)
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    const { status, err } = await run('')
    expect(err).toContain('portolan discover fleet.example')
    expect(status).toBe(2)
  })
})
