/** Signed answers in memory: one zone, the root, whose key is the trust anchor. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { nameToWire, parseName } from '@portolan/core'
import { DNSKEY, keyTag, RRSIG, signedData, signedLabelCount } from '@portolan/dnssec/records'

const A = 1
const DNSKEY_TYPE = 48
const ROOT = parseName('.')
const NOW_SECONDS = 1_780_000_000
const DAY = 86_400

export const ALGORITHMS = [
  { label: 'P-256', number: 13, hash: 'sha256', make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { label: 'Ed25519', number: 15, hash: null, make: () => generateKeyPairSync('ed25519') },
  { label: 'RSA-2048', number: 8, hash: 'sha256', make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
]

/** So many answers of one A record, what answers with them at once, and the options of the validator that proves them. */
export function signedAnswers({ number, hash, make }, count) {
  const { publicKey, privateKey } = make()
  const dnskey = DNSKEY.encode({ flags: 257, protocol: 3, algorithm: number, publicKey: keyOctets(publicKey) })
  const signing = { number, hash, privateKey, tag: keyTag(dnskey) }
  const replies = new Map()
  const keep = (owner, type, rdata) => {
    const { rrset, checks } = signed(owner, type, rdata, signing)
    const query = { name: owner, type }
    replies.set(`${owner} ${type}`, { rcode: 0, answer: [rrset], ...EMPTY, query })
    return { query, checks }
  }
  keep(ROOT, DNSKEY_TYPE, dnskey)
  const answers = Array.from({ length: count }, (_, i) =>
    keep(parseName(`broker-${i}.bench`), A, Uint8Array.from([192, 0, 2, i & 255])),
  )
  const exchange = async (query) =>
    replies.get(`${query.name} ${query.type}`) ?? { ...EMPTY, rcode: 2, answer: [], query }
  const anchor = `. IN DNSKEY 257 3 ${number} ${Buffer.from(keyOctets(publicKey)).toString('base64')}`
  return { answers, exchange, options: { trustAnchors: [anchor], now: () => NOW_SECONDS * 1_000 }, publicKey }
}

const EMPTY = { truncated: false, authenticData: false, server: 'memory', authority: [], extendedErrors: [] }

function signed(owner, type, rdata, { number, hash, privateKey, tag }) {
  const fields = {
    typeCovered: type,
    algorithm: number,
    labels: signedLabelCount(owner),
    originalTtlSeconds: 3_600,
    expiration: NOW_SECONDS + DAY,
    inception: NOW_SECONDS - DAY,
    keyTag: tag,
    signer: ROOT,
  }
  const data = signedData(fields, owner, [{ rdata }])
  const key = number === 13 ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey
  const signature = new Uint8Array(sign(hash, data, key))
  const record = (recordType, octets) => ({
    ownerOctets: nameToWire(owner),
    type: recordType,
    ttlSeconds: 3_600,
    rdata: octets,
  })
  const rrset = {
    owner,
    type,
    records: [record(type, rdata)],
    signatures: [record(46, RRSIG.encode({ ...fields, signature }))],
  }
  return { rrset, checks: { data, signature } }
}

/** The public key field of DNSKEY (RFC 3110, RFC 6605, RFC 8080). */
function keyOctets(publicKey) {
  const { kty, n, e, x, y } = publicKey.export({ format: 'jwk' })
  const octets = (text) => Buffer.from(text, 'base64url')
  if (kty === 'RSA') return new Uint8Array(Buffer.concat([Buffer.from([octets(e).length]), octets(e), octets(n)]))
  return new Uint8Array(kty === 'EC' ? Buffer.concat([octets(x), octets(y)]) : octets(x))
}
