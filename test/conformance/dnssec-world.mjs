/**
 * Asks a validator one question of a frozen world and follows the alias chain to its end, as a resolver above it does.
 * The packages are parameters: the tests give it sources, the adapter what was built.
 */

const MAX_CHAIN = 16
const CNAME = 5
const RRSIG = 46
const ANY = 255
const RANK = { bogus: 0, indeterminate: 1, insecure: 2, secure: 3 }

/** @param options what else the validator is given */
export async function judgeWorld(world, packages, { tamper, tamperOctets, ...options } = {}) {
  const { parseName, validated } = packages
  const type = codeOf(world.question.type, packages)
  const time = Date.parse(world.time)
  const exchange = validated(frozenExchange(world, type, { ...packages, tamper, tamperOctets }), {
    trustAnchors: world.trustAnchors,
    now: () => time,
    monotonicNow: () => 0,
    // As the oracles had it: algorithms 5 and 7 accepted, up to 150 NSEC3 iterations; no clock skew is needed.
    sha1Algorithms: true,
    limits: { nsec3Iterations: 150 },
    ...options,
  })
  const records = new Set()
  let name = parseName(world.question.name)
  let weakest
  for (let hop = 0; hop < MAX_CHAIN; hop++) {
    const reply = await exchange({ name, type })
    const { proof } = reply
    if (proof === undefined) return { security: 'bogus', reason: `rcode ${reply.rcode} for ${name}` }
    if (weakest === undefined || RANK[proof.security] < RANK[weakest.security]) weakest = proof
    if (proof.security === 'bogus') return verdictOf(weakest)
    for (const line of linesOf(reply.answer, packages)) records.add(line)
    const end = endOf(reply, name, type, packages)
    if (end === undefined) {
      const rcode = reply.rcode === 3 ? 'NXDOMAIN' : 'NOERROR'
      return { ...verdictOf(weakest), rcode, answer: [...records].sort() }
    }
    name = end
  }
  return { security: 'bogus', reason: 'alias chain too long' }
}

function verdictOf({ security, reason, detail, extendedError, clockOffsetMs }) {
  return { security, reason: reason ?? 'proved', detail, extendedError, clockOffsetMs }
}

/** The name to ask for next; `undefined` where the reply holds the end of the chain. */
function endOf(reply, name, type, { parseName }) {
  if (reply.denial !== undefined || type === ANY || type === RRSIG) return undefined
  let at = name
  for (let hop = 0; hop < MAX_CHAIN; hop++) {
    if (reply.answer.some((rrset) => rrset.owner === at && rrset.type === type)) return undefined
    const cname = reply.answer.find((rrset) => rrset.owner === at && rrset.type === CNAME)
    if (cname === undefined) return at
    at = nameAt(cname.records[0].rdata, parseName)
  }
  return at
}

function nameAt(rdata, parseName) {
  const labels = []
  for (let at = 0; rdata[at] !== 0; at += 1 + rdata[at]) {
    const octets = rdata.slice(at + 1, at + 1 + rdata[at])
    labels.push([...octets].map((octet) => `\\${String(octet).padStart(3, '0')}`).join(''))
  }
  return parseName(labels.length === 0 ? '.' : `${labels.join('.')}.`)
}

function linesOf(answer, { typeText, canonicalRdata }) {
  return answer.flatMap(({ owner, records }) =>
    records.map(({ type, rdata }) => {
      const hex = [...canonicalRdata(type, rdata)].map((octet) => octet.toString(16).padStart(2, '0')).join('')
      return `${owner} ${typeText(type)} ${hex}`
    }),
  )
}

/** A question that the world does not have is answered SERVFAIL. */
function frozenExchange({ responses, question }, type, { typeText, readReply, tamper, tamperOctets }) {
  return async (query) => {
    const text = responses[`${query.name}/${query.type === type ? question.type : typeText(query.type)}`]
    if (text === undefined) {
      const nothing = { truncated: false, authenticData: false, server: 'world', answer: [], authority: [] }
      return { query, rcode: 2, ...nothing, extendedErrors: [] }
    }
    const octets = Uint8Array.from(Buffer.from(text, 'base64'))
    const reply = readReply(tamperOctets?.(octets) ?? octets, query, 'world')
    return tamper?.(reply) ?? reply
  }
}

/** Types of questions that core has no mnemonic for (IANA's registry). */
const OTHER_TYPES = {
  MD: 3,
  MF: 4,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  HINFO: 13,
  MINFO: 14,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  NXT: 30,
  KX: 36,
  CERT: 37,
  APL: 42,
  SSHFP: 44,
  IPSECKEY: 45,
  DHCID: 49,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SPF: 99,
  NXNAME: 128,
  URI: 256,
  CAA: 257,
  TA: 32_768,
  DLV: 32_769,
}

function codeOf(text, { typeText }) {
  const numbered = /^TYPE(\d+)$/.exec(text)
  if (numbered !== null) return Number(numbered[1])
  for (let code = 1; code < 260; code++) if (typeText(code) === text) return code
  const code = OTHER_TYPES[text]
  if (code === undefined) throw new Error(`unknown type ${text}`)
  return code
}
