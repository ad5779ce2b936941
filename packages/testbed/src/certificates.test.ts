import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { tlsaRdata } from './certificates.node.ts'
import { createAuthority } from './index.node.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2030, 0, 1)

describe('an authority', async () => {
  const authority = await createAuthority('test authority', () => NOW_MS)
  const root = new X509Certificate(authority.certificatePem)

  it('issues chains that node:crypto follows', async () => {
    const { chain, chainPem, privateKeyPem } = await authority.issue({ names: ['a.fleet.test.', 'fleet.test'] })
    const [leaf, top] = chain.map((der) => new X509Certificate(der))
    expect(leaf?.verify(root.publicKey)).toBe(true)
    expect(leaf?.checkIssued(root)).toBe(true)
    expect(top?.raw).toEqual(root.raw)
    expect(new X509Certificate(chainPem).raw).toEqual(leaf?.raw)
    expect(privateKeyPem).toContain('BEGIN PRIVATE KEY')
    expect([leaf?.ca, root.ca]).toEqual([false, true])
    expect(leaf?.subjectAltName).toBe('DNS:a.fleet.test, DNS:fleet.test')
    expect(leaf?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  })
  it('dates them by its clock, or as asked', async () => {
    const dates = async (request: object) => {
      const { chain } = await authority.issue({ names: ['a.test'], ...request })
      const leaf = new X509Certificate(chain[0] ?? new Uint8Array())
      return [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)]
    }
    expect(await dates({})).toEqual([NOW_MS - HOUR_MS, NOW_MS + 90 * 24 * HOUR_MS])
    expect(await dates({ notBeforeMs: 1000, notAfterMs: 2000 })).toEqual([1000, 2000])
  })
  it('issues for clients too, and without names', async () => {
    const { chain } = await authority.issue({ names: [], client: true })
    const leaf = new X509Certificate(chain[0] ?? new Uint8Array())
    expect([leaf.keyUsage, leaf.subjectAltName]).toEqual([['1.3.6.1.5.5.7.3.2'], undefined])
  })
  it.each([
    ['3 1 1', 0, 'key'],
    ['3 0 1', 0, 'certificate'],
    ['2 1 1', 1, 'key'],
    ['2 0 1', 1, 'certificate'],
  ] as const)('TLSA %s (RFC 6698 §2.1)', async (choice, index, selected) => {
    const certificate = await authority.issue({ names: ['a.test'] })
    const of = new X509Certificate(certificate.chain[index] ?? new Uint8Array())
    const octets = selected === 'key' ? of.publicKey.export({ type: 'spki', format: 'der' }) : of.raw
    const digest = createHash('sha256').update(octets).digest()
    expect(Array.from(tlsaRdata(certificate, choice))).toEqual([...choice.split(' ').map(Number), ...digest])
  })
})
