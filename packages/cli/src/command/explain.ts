/** From an error to what the command says about it: an exit status, one sentence, and what to do. */
import { DiscoveryError, displayName, isPortolanError, LookupError, type PortolanError } from '@portolan/core'
import { EXIT, type ExitStatus } from './exit-status.ts'

export interface Explanation {
  readonly status: ExitStatus
  /** Stable. */
  readonly code: string
  readonly message: string
  /** One sentence or command each. */
  readonly advice: readonly string[]
}

export function explain(error: unknown): Explanation {
  if (error instanceof DiscoveryError) return explainDiscovery(error)
  // By name: the package that makes it is loaded only where somebody connects.
  if (isPortolanError(error) && error.name === 'ConnectError') return explainConnect(error)
  if (error instanceof LookupError) return { ...explainLookup(error), code: error.code, message: error.message }
  if (isPortolanError(error)) return explainOther(error)
  if (isNamed(error, 'AbortError')) {
    return { status: EXIT.interrupted, code: 'cli/interrupted', message: 'interrupted', advice: [] }
  }
  if (isNamed(error, 'TimeoutError')) {
    return {
      status: EXIT.unreachable,
      code: 'cli/timeout',
      message: 'it took longer than --timeout allows',
      advice: ['--verbose shows what it was waiting for; a larger --timeout waits longer.'],
    }
  }
  return {
    status: EXIT.fault,
    code: 'cli/fault',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    advice: ['This is a fault in portolan. Please report it with the lines above and the command.'],
  }
}

function explainDiscovery(error: DiscoveryError): Explanation {
  const { code, message } = error
  const domain = displayName(error.domain)
  const service = displayName(error.service)
  switch (code) {
    case 'core/no-such-domain':
      return { status: EXIT.noSuchDomain, code, message, advice: ['Check the spelling.', `dig ${domain} SOA`] }
    case 'core/service-not-offered':
      return {
        status: EXIT.notOffered,
        code,
        message,
        advice: ['Its operator says so on purpose. Ask them which domain has the brokers.'],
      }
    case 'core/no-service':
      return {
        status: EXIT.noService,
        code,
        message,
        advice: [
          'Its operator would publish, for each broker, a record such as:',
          `${service}. 3600 IN SRV 10 1 8883 broker.${domain}.`,
        ],
      }
    case 'core/service-bogus':
    case 'core/service-lookup-failed':
      return { ...explainLookup(error.cause), code, message }
    case 'core/no-usable-candidate':
      return {
        status: EXIT.noneUsable,
        code,
        message,
        advice: unusableAdvice(error),
      }
  }
}

function unusableAdvice({ vetoed }: DiscoveryError): readonly string[] {
  const each = 'Each broker has its own reason above; --verbose shows how it was found.'
  const withoutDane = vetoed.some(({ code }) => code === 'dane/no-usable-tlsa')
  return withoutDane ? [each, 'To go on without that proof: --dane opportunistic'] : [each]
}

function explainConnect({ code, message }: PortolanError): Explanation {
  if (code === 'mqtt/refused-credentials') {
    return { status: EXIT.loginRefused, code, message, advice: ['Check -u and -P, or --cert and --key.'] }
  }
  const advice =
    code === 'mqtt/tls-refused'
      ? ['The brokers do not prove that they are the ones of the domain. --verbose shows what each of them showed.']
      : ['--verbose shows each attempt.']
  return { status: EXIT.notConnected, code, message, advice }
}

function explainLookup(cause: unknown): { readonly status: ExitStatus; readonly advice: readonly string[] } {
  if (!(cause instanceof LookupError)) return { status: EXIT.unreachable, advice: TRY_ANOTHER }
  if (cause.code === 'dnssec/bogus') return { status: EXIT.bogus, advice: bogusAdvice(cause) }
  return { status: EXIT.unreachable, advice: unreachableAdvice(cause) }
}

const TRY_ANOTHER: readonly string[] = ['Try another resolver: --resolver HOST[:PORT]']

function unreachableAdvice({ code, server, rcode }: LookupError): readonly string[] {
  const asked = server ?? 'the resolver'
  switch (code) {
    case 'dns/timeout':
      return [`${asked} did not answer. Is it reachable from here?`, ...TRY_ANOTHER]
    case 'dns/network':
      return [`${asked} cannot be reached. Does a resolver run there?`, ...TRY_ANOTHER]
    case 'dns/rcode':
      return [
        rcode === 'REFUSED' ? `${asked} does not serve you.` : `${asked} could not find out (${rcode ?? 'an error'}).`,
        ...TRY_ANOTHER,
      ]
    case 'dns/alias-loop':
      return ['The aliases (CNAME) lead in a circle, or too far. Only the operator of the domain can mend that.']
    default:
      return [`${asked} sends replies that are not DNS, or not to our question.`, ...TRY_ANOTHER]
  }
}

/** What makes an answer bogus has few usual causes, and the reason says which is likely. */
function bogusAdvice({ proof }: LookupError): readonly string[] {
  const reason = proof?.reason ?? ''
  return BOGUS_ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? FORGED
}

const FORGED: readonly string[] = [
  'Somebody on the way forges answers, or the zone is signed wrongly.',
  'Try another resolver: --resolver HOST[:PORT]. If it says the same, tell the operator of the domain.',
]

/** By reason of @portolan/dnssec; the first that fits. */
const BOGUS_ADVICE: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^clock-/, ["Check this machine's clock: the signatures on the way fail by time, all in the same direction."]],
  [
    /^no-anchor-matches$/,
    [
      'Is --trust-anchor the right file, for the tree that this resolver serves? Without it the keys of the DNS root are used.',
    ],
  ],
  [
    /^signature-expired$/,
    ['Its operator let the signatures expire, or somebody replays old ones. Only the operator can mend that.'],
  ],
  [
    /^(signature-missing|denial-missing|dnskey-missing|(dnskey|ds)-unobtainable)$/,
    [
      'The resolver keeps back what proves the answer (many routers do), or somebody on the way strips it.',
      'Try a resolver that hands DNSSEC on: --resolver HOST[:PORT]',
    ],
  ],
  [
    /^limit-/,
    ['To prove it would cost more work than is allowed; an honest zone does not. Tell the operator of the domain.'],
  ],
]

function explainOther({ code, message }: PortolanError): Explanation {
  if (code === 'cli/topic-refused') {
    return { status: EXIT.topicRefused, code, message, advice: ['Is it a valid topic, and may this user have it?'] }
  }
  const isUsage = code === 'core/invalid-name' || code === 'core/invalid-option'
  return isUsage
    ? { status: EXIT.usage, code, message, advice: ['The same subcommand with --help says what it takes.'] }
    : { status: EXIT.unreachable, code, message, advice: TRY_ANOTHER }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}
