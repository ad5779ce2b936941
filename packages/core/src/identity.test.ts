import { describe, expect, it } from 'vitest'
import { type IdentityInput, identity } from './identity.ts'
import { parseName } from './name.ts'

const domain = parseName('fleet.example')
const host = parseName('b1.hoster.example')
const end = parseName('edge7.cdn.example')

const row = (changes: Partial<IdentityInput>): IdentityInput => ({
  domain,
  host,
  srv: 'secure',
  addresses: 'secure',
  tlsa: 'usable',
  tlsaBase: host,
  mode: 'required',
  ...changes,
})

describe('the identity table', () => {
  it.each<[string, Partial<IdentityInput>, ReturnType<typeof identity>]>([
    [
      'all secure, TLSA at the target (RFC 7671 §10.2, RFC 7673 §4.2)',
      {},
      { tlsaBase: host, serverName: host, referenceNames: [host, domain], requirement: 'dane' },
    ],
    [
      'TLSA at the end of a secure alias chain (RFC 7671 §7)',
      { tlsaBase: end },
      { tlsaBase: end, serverName: end, referenceNames: [end, host, domain], requirement: 'dane' },
    ],
    [
      'no TLSA, SRV secure, PKIX allowed (RFC 7673 §4.1)',
      { tlsa: 'none', mode: 'opportunistic' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'pkix' },
    ],
    [
      'SRV insecure: the service domain alone (RFC 7673 §4.1)',
      { srv: 'insecure', tlsa: 'none', mode: 'opportunistic' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain], requirement: 'pkix' },
    ],
    [
      'SRV not judged counts as insecure',
      { srv: 'indeterminate', tlsa: 'not-asked', mode: 'off' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain], requirement: 'pkix' },
    ],
    [
      'SRV insecure, targets trusted by name',
      { srv: 'insecure', tlsa: 'none', mode: 'opportunistic', trustInsecureTargets: true },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'pkix' },
    ],
    [
      'SRV insecure: TLSA never count (RFC 7673 §3.1)',
      { srv: 'insecure' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain], requirement: 'refuse' },
    ],
    [
      'addresses insecure: TLSA never count (RFC 7673 §3.2)',
      { addresses: 'insecure', mode: 'opportunistic' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'pkix' },
    ],
    [
      'TLSA failed: refusal, not PKIX (RFC 7673 §3.4, RFC 7672 §2.1.2)',
      { tlsa: 'failed', mode: 'opportunistic' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'refuse' },
    ],
    [
      'TLSA required and absent',
      { tlsa: 'none' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'refuse' },
    ],
    [
      'report: PKIX rules whatever TLSA say',
      { mode: 'report' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain, host], requirement: 'pkix' },
    ],
    [
      'the domain itself, without SRV',
      { host: domain, tlsa: 'none', mode: 'opportunistic' },
      { tlsaBase: undefined, serverName: domain, referenceNames: [domain], requirement: 'pkix' },
    ],
    [
      'the domain itself, with TLSA',
      { host: domain, tlsaBase: domain },
      { tlsaBase: domain, serverName: domain, referenceNames: [domain], requirement: 'dane' },
    ],
  ])('%s', (_, changes, expected) => {
    expect(identity(row(changes))).toEqual(expected)
  })

  it('never says dane without a secure SRV, a secure address and usable TLSA, nor pkix in mode required', () => {
    for (const srv of ['secure', 'insecure', 'indeterminate'] as const)
      for (const addresses of ['secure', 'insecure', 'indeterminate'] as const)
        for (const tlsa of ['usable', 'none', 'failed', 'not-asked'] as const)
          for (const mode of ['required', 'opportunistic', 'report', 'off'] as const) {
            const { requirement, referenceNames } = identity(row({ srv, addresses, tlsa, mode }))
            const provable = srv === 'secure' && addresses === 'secure' && tlsa === 'usable'
            if (!provable) expect(requirement).not.toBe('dane')
            if (mode === 'required') expect(requirement).toBe(provable ? 'dane' : 'refuse')
            if (srv !== 'secure') expect(referenceNames).toEqual([domain])
            expect(referenceNames).toContain(domain)
          }
  })
})
