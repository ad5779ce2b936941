/** DANE's verdict on a TLS server (RFC 6698 §2.1.1, RFC 7671 §5): the usages in the order in which they prove most. */

import type { KeyObject } from 'node:crypto'
import { isReadable, isSignedBy, openKey } from './certificate.node.ts'
import type { Certificate } from './certificate.ts'
import { sameOctets } from './der.ts'
import type { Fault } from './fault.ts'
import { matchingRecord } from './match.node.ts'
import { keyFault, nameFault, type PathRules, pathFault } from './path-rules.ts'
import { openPeer, type Peer, refusal } from './peer.node.ts'
import { pkixPath } from './pkix.node.ts'
import { isFault, searchPath } from './search.ts'
import { DEFAULT_AUTH_LEVEL, floorBits } from './strength.ts'
import { formatTlsa, type Tlsa } from './tlsa.ts'
import { trustStore } from './trust-store.node.ts'
import { sortByUsability, strongestDigests, type UsableTlsa, type Usage } from './usability.ts'
import type { JudgeOptions, PeerEvidence, Verdict } from './verdict.ts'

interface Case extends Peer {
  readonly records: readonly UsableTlsa[]
  readonly rules: PathRules
  readonly options: JudgeOptions
}

interface Proof {
  readonly record: UsableTlsa
  readonly matchDepth: number
  readonly bareKey: boolean
  readonly path: readonly Certificate[]
}

/** Signatures checked by keys of 2 1 0 records: each key wherever a path ends. Nobody's roll-over needs as many. */
const MAX_BARE_KEY_TRIALS = 256

const NO_MATCH: Fault = { code: 'no-match', detail: 'no TLSA record is of a certificate that the server showed' }

/** Any one record that holds is enough; usable records of which none holds are a refusal, never PKIX (RFC 6698 §4.1). */
export function judgeDane(
  published: readonly Tlsa[],
  evidence: PeerEvidence,
  nowMs: number,
  options: JudgeOptions = {},
): Verdict {
  const records = strongestDigests(sortByUsability(published, { usages: options.usages, isReadable }).usable)
  if (records.length === 0) {
    return { decision: 'defer-to-pkix', detail: `none of the ${published.length} TLSA records is usable` }
  }
  const peer = openPeer(evidence.chain, certificatesOf(records))
  if (isFault(peer)) return refusal(peer, evidence.chain, records)
  const reference = { names: evidence.referenceNames, srvNames: evidence.srvNames }
  const bits = floorBits(options.authLevel ?? DEFAULT_AUTH_LEVEL)
  const judged: Case = { ...peer, records, options, rules: { reference, nowMs, floorBits: bits, endsInAnchor: true } }
  const faults: Fault[] = []
  for (const attempt of [daneEe, daneTaBelowTrust, pkixEe, pkixTa, daneTa]) {
    const outcome = attempt(judged)
    if (outcome === undefined) continue
    if (!isFault(outcome)) return acceptance(outcome)
    faults.push(outcome)
  }
  return refusal(faults[0] ?? NO_MATCH, evidence.chain, records)
}

function ofUsage(records: readonly UsableTlsa[], usage: Usage): readonly UsableTlsa[] {
  return records.filter((record) => record.usage === usage)
}

/** 2 0 0, and 0 0 0: they bring the certificate along. */
function certificatesOf(records: readonly UsableTlsa[]): readonly Uint8Array[] {
  return records
    .filter(({ usage, selector, matchingType }) => usage % 2 === 0 && selector === 0 && matchingType === 0)
    .map(({ data }) => data)
}

/** RFC 7671 §5.1: the leaf matches, and that is all; its key must still be strong enough. */
function daneEe({ leaf, records, rules, options }: Case): Proof | Fault | undefined {
  const record = matchingRecord(ofUsage(records, 3), leaf)
  if (record === undefined) return undefined
  const fault =
    keyFault(leaf, rules.floorBits) ?? (options.noNameChecks === false ? nameFault(leaf, rules.reference) : undefined)
  return fault ?? { record, matchDepth: 0, bareKey: false, path: [leaf] }
}

/**
 * Where PKIX usages count too, what DANE-TA proves without a locally trusted certificate and without a bare key comes before
 * them, the rest after them: any order is right, this one tells the same record and depth as OpenSSL does.
 */
function daneTaBelowTrust(judged: Case): Proof | Fault | undefined {
  if (!judged.records.some(({ usage }) => usage < 2)) return undefined
  const store = trustStore(judged.options.trustedRoots)
  const others = judged.others.filter(({ subjectName }) => store.named(subjectName).length === 0)
  return pathToAnchor(judged, others, [])
}

/** RFC 7671 §5.2: a path up to the nearest certificate that matches; nothing above it counts. */
function daneTa(judged: Case): Proof | Fault | undefined {
  const others = judged.others.filter((certificate) => !isLeftToItsKey(certificate, judged))
  return pathToAnchor(judged, others, ofUsage(judged.records, 2).filter(isFullKey))
}

function pathToAnchor(
  { leaf, records, rules }: Case,
  others: readonly Certificate[],
  bareKeys: readonly UsableTlsa[],
): Proof | Fault | undefined {
  const anchors = ofUsage(records, 2)
  if (bareKeys.length === 0 && !others.some((certificate) => matchingRecord(anchors, certificate))) return undefined
  const signers = bareKeySigners(bareKeys)
  return searchPath<Proof>({
    leaf,
    issuersNamed: (name) => others.filter(({ subjectName }) => subjectName === name),
    isAnchor: (certificate) => matchingRecord(anchors, certificate) !== undefined,
    accept(path) {
      const record = matchingRecord(anchors, path.at(-1) ?? leaf)
      if (record === undefined) return NO_MATCH
      return pathFault(path, rules) ?? { record, matchDepth: path.length - 1, bareKey: false, path }
    },
    acceptDeadEnd: (path) => bareKeyProof(path, signers, rules),
  })
}

/**
 * RFC 7671 §5.2.3: the topmost certificate is signed by a key of a 2 1 0 record. There is no issuer name and there are no
 * constraints to hold it to. A certificate that its own key signed has no such issuer.
 */
function bareKeyProof(
  path: readonly Certificate[],
  signerOf: (certificate: Certificate) => UsableTlsa | Fault | undefined,
  rules: PathRules,
): Proof | Fault | undefined {
  const topmost = path.at(-1)
  const record = topmost && signerOf(topmost)
  if (record === undefined || 'code' in record) return record
  return (
    pathFault(path, { ...rules, endsInAnchor: false }) ?? { record, matchDepth: path.length - 1, bareKey: true, path }
  )
}

/** Finds the record whose key signed a certificate, over one search with a bound: each key is opened once, when it is tried. */
function bareKeySigners(records: readonly UsableTlsa[]): (certificate: Certificate) => UsableTlsa | Fault | undefined {
  const keys = new Map<UsableTlsa, KeyObject | undefined>()
  const keyOf = (record: UsableTlsa) => {
    if (!keys.has(record)) keys.set(record, openKey(record.data))
    return keys.get(record)
  }
  let trials = 0
  return (certificate) => {
    for (const record of records) {
      if (sameOctets(certificate.spki, record.data)) continue
      if (++trials > MAX_BARE_KEY_TRIALS) {
        return { code: 'search-limit', detail: `the keys of 2 1 0 records signed none of ${MAX_BARE_KEY_TRIALS} tried` }
      }
      const key = keyOf(record)
      if (key !== undefined && isSignedBy(certificate, key)) return record
    }
    return undefined
  }
}

function isFullKey({ selector, matchingType }: UsableTlsa): boolean {
  return selector === 1 && matchingType === 0
}

/**
 * Where PKIX usages count too, OpenSSL takes a locally trusted certificate from its store, which DANE-TA does not look at;
 * a 2 1 0 record then proves by its bare key, one certificate lower. So that both tell the same depth.
 */
function isLeftToItsKey(certificate: Certificate, { records, options }: Case): boolean {
  if (!records.some(({ usage }) => usage < 2)) return false
  const fullKeys = ofUsage(records, 2).filter(isFullKey)
  return matchingRecord(fullKeys, certificate) !== undefined && trustStore(options.trustedRoots).holds(certificate)
}

/** RFC 7671 §5.3: the leaf matches, and PKIX holds. */
function pkixEe({ leaf, others, records, rules, options }: Case): Proof | Fault | undefined {
  const record = matchingRecord(ofUsage(records, 1), leaf)
  if (record === undefined) return undefined
  const found = pkixPath(leaf, others, trustStore(options.trustedRoots), rules, () => undefined)
  return isFault(found) ? found : { record, matchDepth: 0, bareKey: false, path: [leaf] }
}

/** RFC 7671 §5.4: a CA on a path that PKIX accepts matches; where one path has none, another may. */
function pkixTa({ leaf, others, records, rules, options }: Case): Proof | Fault | undefined {
  const anchors = ofUsage(records, 0)
  if (anchors.length === 0) return undefined
  const matchOn = (path: readonly Certificate[]) =>
    path.findIndex((certificate, depth) => depth > 0 && matchingRecord(anchors, certificate) !== undefined)
  const found = pkixPath(leaf, others, trustStore(options.trustedRoots), rules, (path) =>
    matchOn(path) < 0 ? NO_MATCH : undefined,
  )
  if (isFault(found)) return found
  const matchDepth = matchOn(found.path)
  const record = matchingRecord(anchors, found.path[matchDepth] ?? leaf)
  return record && { record, matchDepth, bareKey: false, path: found.path.slice(0, matchDepth + 1) }
}

/** Names the certificate by its digest: for its names the fields would be read, which DANE-EE has no need of. */
function acceptance({ record, matchDepth, bareKey, path }: Proof): Verdict {
  const what = bareKey ? 'holds the key that signed the certificate' : 'is of the certificate'
  return {
    decision: 'accept',
    by: 'dane',
    record,
    matchDepth,
    bareKey,
    path: path.map(({ der }) => der),
    detail: `TLSA ${formatTlsa(record).slice(0, 40)} ${what} at depth ${matchDepth} (SHA-256 ${path.at(-1)?.sha256})`,
  }
}
