/** PKIX path validation to locally trusted roots (RFC 5280 §6): the fallback, and the half that usages 0 and 1 share. */
import { type Certificate, describe } from './certificate.ts'
import type { Fault } from './fault.ts'
import { type PathRules, pathFault } from './path-rules.ts'
import { openPeer, refusal } from './peer.node.ts'
import { isFault, searchPath } from './search.ts'
import { DEFAULT_AUTH_LEVEL, floorBits } from './strength.ts'
import { isTrustedRoot, type TrustStore, trustStore } from './trust-store.node.ts'
import type { JudgeOptions, PeerEvidence, Verdict } from './verdict.ts'

/** Whether the chain leads from one of the reference names to a trusted root. Never throws. */
export function judgePkix(evidence: PeerEvidence, nowMs: number, options: JudgeOptions = {}): Verdict {
  const peer = openPeer(evidence.chain)
  if (isFault(peer)) return refusal(peer, evidence.chain)
  const rules: PathRules = {
    reference: { names: evidence.referenceNames, srvNames: evidence.srvNames },
    nowMs,
    floorBits: floorBits(options.authLevel ?? DEFAULT_AUTH_LEVEL),
    endsInAnchor: true,
  }
  const found = pkixPath(peer.leaf, peer.others, trustStore(options.trustedRoots), rules, () => undefined)
  if (isFault(found)) return refusal(found, evidence.chain)
  const root = found.path.at(-1) ?? peer.leaf
  return {
    decision: 'accept',
    by: 'pkix',
    record: undefined,
    matchDepth: null,
    bareKey: false,
    path: found.path.map(({ der }) => der),
    detail: `PKIX: ${describe(peer.leaf)} leads to the trusted root ${describe(root)}`,
  }
}

/** A path to a trusted root that keeps the rules and to which `objection` has none. */
export function pkixPath(
  leaf: Certificate,
  others: readonly Certificate[],
  store: TrustStore,
  rules: PathRules,
  objection: (path: readonly Certificate[]) => Fault | undefined,
): { readonly path: readonly Certificate[] } | Fault {
  const accept = (path: readonly Certificate[]) => pathFault(path, rules) ?? objection(path) ?? { path }
  if (isTrustedRoot(store, leaf)) return accept([leaf])
  return searchPath({
    leaf,
    issuersNamed: (name) => [...store.named(name), ...others.filter(({ subjectName }) => subjectName === name)],
    isAnchor: (certificate) => isTrustedRoot(store, certificate),
    accept,
  })
}
