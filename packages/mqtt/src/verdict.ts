/** Whether a TLS peer is the broker: the plugins' verdicts, and PKIX where nobody else decides. Pure. */
import { type Candidate, displayName, type Plugin, type TlsPeer } from '@portolan/core'

/** What the TLS library says by the roots that it knows. */
export interface PkixFinding {
  /** Why no path leads to a root, such as `SELF_SIGNED_CERT_IN_CHAIN`; `undefined` where one does. */
  readonly pathError: string | undefined
  /** Whether the certificate's dNSNames match (RFC 9525 §6.3), never its CN. */
  matches(name: string): boolean
  /** The subjectAltName as text, for people. */
  readonly subjectAltName: string | undefined
}

export type Judgement =
  | { readonly accepted: true; readonly by: string; readonly detail: string }
  | { readonly accepted: false; readonly by: string; readonly code: string; readonly detail: string }

/**
 * One refusal is final; otherwise one acceptance is enough; where nobody accepts, PKIX decides if the candidate's
 * identity leaves it to PKIX, and else the peer is refused. A plugin that throws has refused.
 */
export function judge(peer: TlsPeer, candidate: Candidate, plugins: readonly Plugin[], pkix: PkixFinding): Judgement {
  const { requirement } = candidate.identity
  if (requirement === 'refuse') return refuse('identity', 'mqtt/nobody-may-prove', NOBODY_MAY_PROVE)
  if (peer.chainAsSent.length === 0) return refuse('tls', 'mqtt/no-certificate', 'the server showed no certificate')
  let acceptance: Judgement | undefined
  for (const plugin of plugins) {
    const judgement = askPlugin(plugin, peer, candidate)
    if (judgement === undefined) continue
    if (!judgement.accepted) return judgement
    acceptance ??= judgement
  }
  if (acceptance !== undefined) return acceptance
  if (requirement === 'pkix') return judgeByPkix(candidate, pkix)
  return refuse(
    'identity',
    'mqtt/nobody-accepted',
    'DANE must prove this server, and no plugin accepted its certificate',
  )
}

export const NOBODY_MAY_PROVE =
  'its answers in DNS leave nobody who could prove the server: DANE is required, and no secure TLSA record says what to expect'

/** `undefined` where the plugin leaves the matter to PKIX, or does not judge at all. */
function askPlugin(plugin: Plugin, peer: TlsPeer, candidate: Candidate): Judgement | undefined {
  const { name } = plugin
  const facts = candidate.facts as Readonly<Record<string, unknown>>
  try {
    const verdict = plugin.checkPeer?.(peer, candidate, facts[name])
    if (verdict === undefined) return undefined
    if (verdict.decision === 'refuse') return refuse(name, verdict.code, verdict.detail)
    if (verdict.decision === 'accept') return { accepted: true, by: name, detail: verdict.detail }
    return undefined
  } catch (error) {
    return refuse(
      name,
      'mqtt/check-failed',
      `its check failed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function judgeByPkix({ identity: { referenceNames } }: Candidate, pkix: PkixFinding): Judgement {
  const { pathError, subjectAltName } = pkix
  if (pathError !== undefined) {
    return refuse(
      'pkix',
      'mqtt/untrusted-certificate',
      `no path leads from its certificate to a trusted root (${pathError})`,
    )
  }
  const wanted = referenceNames.map(displayName)
  const matched = wanted.find((name) => pkix.matches(name))
  if (matched !== undefined) return { accepted: true, by: 'pkix', detail: `a trusted root vouches for ${matched}` }
  const found = subjectAltName ?? 'no subjectAltName'
  return refuse(
    'pkix',
    'mqtt/name-mismatch',
    `its certificate is for ${found}, not for ${wanted.join(' or ')} (RFC 9525)`,
  )
}

function refuse(by: string, code: string, detail: string): Judgement {
  return { accepted: false, by, code, detail }
}
