/** Finds a certification path by trying every candidate issuer, with backtracking and a bound (RFC 4158). */
import { type Certificate, describe, isNamedIssuer } from './certificate.ts'
import { sameOctets } from './der.ts'
import type { Fault } from './fault.ts'

/** Certificates above the leaf. OpenSSL goes to 100; nobody's real path has more than a handful. */
const MAX_PATH_DEPTH = 16
/** Candidate issuers tried over one whole search; each may cost a signature check (0.6 ms for P-384). */
const MAX_ISSUER_TRIALS = 128

export interface PathSearch<Terminal> {
  readonly leaf: Certificate
  /** Candidate issuers by subject name, the preferred ones first. */
  issuersNamed(subjectName: string): readonly Certificate[]
  /** Whether a path may end here. Called with a path of two or more certificates whose signatures hold. */
  isAnchor(certificate: Certificate): boolean
  /** Judges a path that ends in an anchor, or what stands at its end. */
  accept(path: readonly Certificate[]): Terminal | Fault
  /** Asked where no candidate issuer leads on from the end of `path`. */
  acceptDeadEnd?(path: readonly Certificate[]): Terminal | Fault | undefined
}

export function isFault(value: object): value is Fault {
  return 'code' in value
}

/**
 * The first path that is accepted, depth first; else the most telling fault: of a path that reached an anchor, then of a
 * signature, then of the place where the issuer is missing.
 */
export function searchPath<Terminal extends object>(search: PathSearch<Terminal>): Terminal | Fault {
  const state = {
    trials: 0,
    isTooDeep: false,
    refused: undefined as Fault | undefined,
    stuck: undefined as Fault | undefined,
  }
  return extend([search.leaf]) ?? limitOr(state.refused ?? state.stuck ?? noIssuer(search.leaf))

  function limitOr(fault: Fault): Fault {
    if (state.trials > MAX_ISSUER_TRIALS) {
      return { code: 'search-limit', detail: `no path found among the first ${MAX_ISSUER_TRIALS} candidate issuers` }
    }
    if (!state.isTooDeep || state.refused !== undefined) return fault
    return { code: 'search-limit', detail: `no path found with at most ${MAX_PATH_DEPTH} certificates above the leaf` }
  }

  function extend(path: readonly Certificate[]): Terminal | undefined {
    const end = path.at(-1)
    if (end === undefined) return undefined
    let leadsOn = false
    for (const issuer of search.issuersNamed(end.issuerName)) {
      if (isOnPath(issuer, path) || !isNamedIssuer(issuer, end)) continue
      if (++state.trials > MAX_ISSUER_TRIALS) return undefined
      if (!issuer.signed(end)) {
        state.stuck ??= { code: 'bad-signature', detail: `the signature on ${describe(end)} is not that of its issuer` }
        continue
      }
      leadsOn = true
      const longer = [...path, issuer]
      const found = search.isAnchor(issuer) ? settle(search.accept(longer)) : goOn(longer)
      if (found !== undefined) return found
    }
    if (leadsOn) return undefined
    const settled = search.acceptDeadEnd?.(path)
    if (settled !== undefined) return settle(settled)
    state.stuck ??= noIssuer(end)
    return undefined
  }

  function goOn(path: readonly Certificate[]): Terminal | undefined {
    if (path.length <= MAX_PATH_DEPTH) return extend(path)
    state.isTooDeep = true
    return undefined
  }

  function settle(outcome: Terminal | Fault): Terminal | undefined {
    if (!isFault(outcome)) return outcome
    state.refused ??= outcome
    return undefined
  }
}

/** The same key under the same name again would only be a circle. */
function isOnPath(certificate: Certificate, path: readonly Certificate[]): boolean {
  return path.some(
    ({ subjectName, spki }) => subjectName === certificate.subjectName && sameOctets(spki, certificate.spki),
  )
}

function noIssuer(end: Certificate): Fault {
  return { code: 'no-issuer', detail: `no trust anchor is reached: the issuer of ${describe(end)} is missing` }
}
