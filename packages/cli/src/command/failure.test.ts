import { LookupError, type LookupErrorCode, parseName } from '@portolan/core'
import { bogusError, type FakeAnswer, timeoutError } from '@portolan/core/testing'
import { describe, expect, it } from 'vitest'
import { FLEET, run, SERVICE, srv } from './testing/run.ts'

const DOT = { priority: 0, weight: 0, port: 0, target: parseName('.') }

function failed(code: LookupErrorCode, rcode?: string): LookupError {
  return new LookupError(code, 'no', { owner: parseName(SERVICE), type: 'SRV', server: '192.0.2.53:53', rcode })
}

describe('exit status and advice', () => {
  it.each<[string, FakeAnswer | Error, number, string, string]>([
    ['not offered', { records: [DOT] }, 4, 'service-not-offered', 'on purpose'],
    ['time-out', timeoutError(SERVICE, 'SRV'), 7, 'service-lookup-failed', '192.0.2.53:53 did not answer'],
    ['no network', failed('dns/network'), 7, 'service-lookup-failed', 'cannot be reached'],
    ['SERVFAIL', failed('dns/rcode', 'SERVFAIL'), 7, 'service-lookup-failed', 'could not find out (SERVFAIL)'],
    ['REFUSED', failed('dns/rcode', 'REFUSED'), 7, 'service-lookup-failed', 'does not serve you'],
    ['loop', failed('dns/alias-loop'), 7, 'service-lookup-failed', 'in a circle'],
    ['garbage', failed('dns/malformed'), 7, 'service-lookup-failed', '--resolver'],
    [
      'none usable',
      { records: [srv(0, 0, 'nowhere')] },
      8,
      'no-usable-candidate',
      'nowhere.fleet.example does not exist',
    ],
  ])('%s', async (_title, row, status, code, words) => {
    const ran = await run('discover fleet.example', { [`${SERVICE} SRV`]: row })
    expect(ran).toMatchObject({ status, out: '' })
    expect(ran.err).toContain(`[core/${code}]`)
    expect(ran.err).toContain(words)
  })

  it.each([
    ['signature-failed', 'forges answers'],
    ['signature-expired', 'let the signatures expire'],
    ['signature-missing', 'keeps back what proves'],
    ['dnskey-unobtainable', 'keeps back what proves'],
    ['clock-suspect', "this machine's clock"],
    ['no-anchor-matches', '--trust-anchor'],
    ['limit-signature-checks', 'more work than is allowed'],
  ])('6 for %s', async (reason, words) => {
    const ran = await run('discover fleet.example', { [`${SERVICE} SRV`]: bogusError(SERVICE, 'SRV', reason) })
    expect(ran).toMatchObject({ status: 6, out: '' })
    expect(ran.err).toContain('[core/service-bogus]')
    expect(ran.err).toContain(words)
  })

  it('3 for no such domain, 5 for one without brokers, with the record that its operator would publish', async () => {
    const nowhere = await run('discover fleet.example', {})
    expect(nowhere.status).toBe(3)
    expect(nowhere.err).toContain('Check the spelling')
    const nodata = { absence: 'nodata' } as const
    const none = await run('discover fleet.example', { 'fleet.example. A': nodata, 'fleet.example. AAAA': nodata })
    expect(none.status).toBe(5)
    expect(none.err).toContain(`${SERVICE} 3600 IN SRV 10 1 8883 broker.fleet.example.`)
  })

  it('130 when interrupted, 7 when --timeout is over', async () => {
    const interrupted = AbortSignal.abort(new DOMException('interrupted', 'AbortError'))
    expect((await run('discover fleet.example', FLEET, { signal: interrupted })).status).toBe(130)
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    const { status, err } = await run('discover fleet.example', FLEET, { signal: late })
    expect(err).toContain('--timeout')
    expect(status).toBe(7)
  })

  it('1 for a fault of ours, with the way to report it', async () => {
    const { status, err } = await run('discover fleet.example', { [`${SERVICE} SRV`]: new TypeError('x is undefined') })
    expect(err).toContain('TypeError: x is undefined')
    expect(err).toContain('Please report it')
    expect(status).toBe(1)
  })
})
