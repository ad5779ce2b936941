import { expect, it } from 'vitest'
import { chainAsSent, type ShownCertificate } from './peer-chain.ts'

const certificate = (octet: number, issuerCertificate?: ShownCertificate): ShownCertificate => ({
  raw: Uint8Array.of(octet),
  issuerCertificate,
})

it('keeps order and doubled certificates: what stands behind one may be the anchor', () => {
  const root = certificate(3)
  const doubled = certificate(2, certificate(2, root))
  expect(chainAsSent(certificate(1, doubled)).map(([octet]) => octet)).toEqual([1, 2, 2, 3])
})

it('is empty for a resumed session, and ends for a chain that does not', () => {
  expect(chainAsSent(undefined)).toEqual([])
  const endless = { raw: Uint8Array.of(1), issuerCertificate: undefined as ShownCertificate | undefined }
  endless.issuerCertificate = endless
  expect(chainAsSent(endless)).toHaveLength(64)
})
