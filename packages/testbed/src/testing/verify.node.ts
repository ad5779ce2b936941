/** For tests: checks a signature with node:crypto, apart from what made it and from the validator of @portolan/dnssec. */
import { createPublicKey, verify } from 'node:crypto'
import type { MessageRecord } from '@portolan/dns'
import { DNSKEY, keyTag, RRSIG, signedData } from '@portolan/dnssec/records'
import type { Testbed } from '../testbed.node.ts'
import { ask } from './ask.node.ts'

/** Whether the RRSIG in the section covers the records of that type there, by P-256 keys of the signer (RFC 6605 §4). */
export async function signatureHolds(
  testbed: Testbed,
  section: readonly MessageRecord[],
  type: number,
): Promise<boolean> {
  const signature = section.find(({ type: t, rdata }) => t === 46 && RRSIG.decode(rdata).typeCovered === type)
  const records = section.filter((record) => record.type === type)
  const [first] = records
  if (signature === undefined || first === undefined) return false
  const rrsig = RRSIG.decode(signature.rdata)
  const keys = (await ask(testbed, rrsig.signer, 48)).answer.filter((record) => record.type === 48)
  const key = keys.find(({ rdata }) => keyTag(rdata) === rrsig.keyTag)
  if (key === undefined) return false
  const { publicKey } = DNSKEY.decode(key.rdata)
  const [x, y] = [publicKey.subarray(0, 32), publicKey.subarray(32)].map((part) =>
    Buffer.from(part).toString('base64url'),
  )
  const jwk = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' })
  const data = signedData(rrsig, first.name, records)
  return verify('sha256', data, { key: jwk, dsaEncoding: 'ieee-p1363' }, rrsig.signature)
}
