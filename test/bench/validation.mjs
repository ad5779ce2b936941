/**
 * Validated RRsets per second through the whole validator (fields, canonical form, verification, verdict), beside node:crypto's
 * bare verify of the same signatures with a ready key, in turns within one run.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { nameToWire, parseName } from '@portolan/core'
import { validated } from '@portolan/dnssec'
import { DNSKEY, keyTag, RRSIG, signedData, signedLabelCount } from '@portolan/dnssec/records'
import { median } from './median.mjs'

const A = 1
const DNSKEY_TYPE = 48
const RRSETS = 1_000
const ROUNDS = 15
/** Judged at a time, as a discovery of 25 targets does. */
const CONCURRENT = 100
const ROOT = parseName('.')
const NOW_SECONDS = 1_780_000_000
const DAY = 86_400

const ALGORITHMS = [
  { label: 'P-256', number: 13, hash: 'sha256', make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { label: 'Ed25519', number: 15, hash: null, make: () => generateKeyPairSync('ed25519') },
  { label: 'RSA-2048', number: 8, hash: 'sha256', make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
]

export async function printValidation() {
  console.log(
    `Validation: ${RRSETS} RRsets of one A record, signatures of ECDSA and EdDSA on Node's threads, median of ${ROUNDS} turns`,
  )
  for (const algorithm of ALGORITHMS) {
    const { bare, whole } = await measure(algorithm)
    const perSecond = (ms) => Math.round((RRSETS / ms) * 1_000).toLocaleString('en')
    console.log(
      `  ${algorithm.label.padEnd(9)} validator ${perSecond(whole).padStart(7)}/s   node:crypto verify ${perSecond(bare).padStart(7)}/s   ratio ${(bare / whole).toFixed(2)}`,
    )
  }
}

async function measure({ number, hash, make }) {
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
  const jobs = Array.from({ length: RRSETS }, (_, i) =>
    keep(parseName(`broker-${i}.bench`), A, Uint8Array.from([192, 0, 2, i & 255])),
  )
  const exchange = async (query) =>
    replies.get(`${query.name} ${query.type}`) ?? { ...EMPTY, rcode: 2, answer: [], query }
  const ask = validated(exchange, {
    trustAnchors: [`. IN DNSKEY 257 3 ${number} ${Buffer.from(keyOctets(publicKey)).toString('base64')}`],
    now: () => NOW_SECONDS * 1_000,
  })
  const options = number === 13 ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey
  const bareTurn = () => {
    for (const { checks } of jobs) if (!verify(hash, checks.data, options, checks.signature)) throw new Error('bare')
  }
  const wholeTurn = async () => {
    for (let i = 0; i < RRSETS; i += CONCURRENT) {
      const judged = await Promise.all(jobs.slice(i, i + CONCURRENT).map(({ query }) => ask(query)))
      const wrong = judged.find(({ proof }) => proof.security !== 'secure')
      if (wrong !== undefined) throw new Error(`not secure: ${JSON.stringify(wrong.proof)}`)
    }
  }
  const bare = []
  const whole = []
  for (let turn = -3; turn < ROUNDS; turn++) {
    const bareMs = await timed(bareTurn)
    const wholeMs = await timed(wholeTurn)
    if (turn < 0) continue // the first turns warm up
    bare.push(bareMs)
    whole.push(wholeMs)
  }
  return { bare: median(bare), whole: median(whole) }
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

async function timed(work) {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}
