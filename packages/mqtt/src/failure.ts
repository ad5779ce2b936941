/** From what happened at each candidate to the one error that the caller gets, and its text. */
import { displayName } from '@portolan/core'
import { type AttemptError, ConnectError, type ConnectErrorCode, type StruckOut } from './errors.ts'

export interface FailureFacts {
  readonly domain: string
  readonly attempts: readonly AttemptError[]
  readonly vetoed: readonly StruckOut[]
  /** The last discovery's failure, where one ended in it. */
  readonly discoveryError: unknown
  /** What we sent was refused: that is the reason, whatever else happened. */
  readonly refusals: readonly AttemptError[]
}

/** More lines help nobody; the error's fields have all of them. */
const MAX_LINES = 12

/** The error of a connection that did not come about. */
export function connectError({ domain, vetoed, discoveryError, ...facts }: FailureFacts): ConnectError {
  const attempts = [...new Set([...facts.refusals, ...facts.attempts])]
  const code = facts.refusals.length > 0 ? codeOfRefusals(facts.refusals) : codeOf(attempts)
  const lines = [
    ...attempts.map(({ message }) => message),
    ...vetoed.map(({ host, port, code, cause }) => {
      const why = cause instanceof Error ? cause.message : code
      return `${displayName(host)}:${port}: not tried: ${why}`
    }),
    ...(discoveryError instanceof Error ? [`discovery: ${discoveryError.message}`] : []),
  ]
  const message = `${SUMMARY[code](domain)}${listed(lines)}`
  return new ConnectError(code, message, { domain, attempts, vetoed, cause: discoveryError })
}

function codeOf(attempts: readonly AttemptError[]): ConnectErrorCode {
  const [first] = attempts
  if (first === undefined || first.code === 'mqtt/unreachable') return 'mqtt/no-broker'
  return attempts.every(({ code }) => code === first.code) ? first.code : 'mqtt/no-broker'
}

function codeOfRefusals(refusals: readonly AttemptError[]): ConnectErrorCode {
  return refusals.some(({ code }) => code === 'mqtt/refused-credentials') ? 'mqtt/refused-credentials' : 'mqtt/refused'
}

const SUMMARY: Readonly<Record<ConnectErrorCode, (domain: string) => string>> = {
  'mqtt/no-broker': (domain) => `no broker of ${domain} took the connection`,
  'mqtt/timeout': (domain) => `every broker of ${domain} kept silent beyond its limit`,
  'mqtt/tls-failed': (domain) => `TLS came about with no broker of ${domain}`,
  'mqtt/tls-refused': (domain) => `no server of ${domain} proved to be its broker; nothing was sent to any of them`,
  'mqtt/protocol': (domain) => `what answered for ${domain} speaks no MQTT`,
  'mqtt/closed': (domain) => `every broker of ${domain} closed the connection before it was up`,
  'mqtt/refused': (domain) => `the brokers of ${domain} refused the CONNECT`,
  'mqtt/refused-credentials': (domain) =>
    `the brokers of ${domain} refused the credentials; not tried again with the same`,
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, MAX_LINES)
  const rest = lines.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].map((line) => `\n  ${line}`).join('')
}
