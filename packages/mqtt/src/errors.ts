/** The errors of this package: one for each attempt, and one for a connection that did not come about. */
import { displayName, type Name, PortolanError } from '@portolan/core'

/** A way in to a broker: failure marks live per endpoint, never in the DNS cache. */
export interface Endpoint {
  readonly host: Name
  readonly port: number
  /** `undefined` where the candidate failed before an address was chosen. */
  readonly address: string | undefined
}

/**
 * How one attempt ended. `unreachable`: no TCP connection. `timeout`: a limit of ours passed. `tls-failed`: no TLS came
 * about. `tls-refused`: TLS came about, and we refused the peer. `protocol`: what came is no MQTT. `closed`: the broker
 * hung up. `refused`: it said no in CONNACK. `refused-credentials`: it said no to who we are.
 */
export type AttemptCode =
  | 'mqtt/unreachable'
  | 'mqtt/timeout'
  | 'mqtt/tls-failed'
  | 'mqtt/tls-refused'
  | 'mqtt/protocol'
  | 'mqtt/closed'
  | 'mqtt/refused'
  | 'mqtt/refused-credentials'

/** As AttemptCode where every attempt ended in that way; `mqtt/no-broker` where they differ, or none could be reached. */
export type ConnectErrorCode = Exclude<AttemptCode, 'mqtt/unreachable'> | 'mqtt/no-broker'

export interface AttemptFacts extends ErrorOptions {
  readonly atMs: number
  /** From CONNACK or DISCONNECT. */
  readonly reasonCode?: number | undefined
  /** Who refused the peer: a plugin's name, or `pkix`. */
  readonly refusedBy?: string | undefined
  /** MQTT 5 §3.2.2.3.16: where the broker sends its clients, unparsed and not followed. */
  readonly serverReference?: string | undefined
}

/** One attempt that failed, or one connection that was lost. `cause` is the socket's own error, where there was one. */
export class AttemptError extends PortolanError {
  override readonly name = 'AttemptError'
  readonly code: AttemptCode
  readonly endpoint: Endpoint
  /** What happened, without the endpoint. */
  readonly detail: string
  readonly atMs: number
  readonly reasonCode: number | undefined
  readonly serverReference: string | undefined
  readonly refusedBy: string | undefined
  constructor(code: AttemptCode, endpoint: Endpoint, detail: string, facts: AttemptFacts) {
    super(`${endpointText(endpoint)}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.endpoint = endpoint
    this.detail = detail
    this.atMs = facts.atMs
    this.reasonCode = facts.reasonCode
    this.serverReference = facts.serverReference
    this.refusedBy = facts.refusedBy
  }
}

/** A target that discovery struck out before it could be tried. */
export interface StruckOut {
  readonly host: Name
  readonly port: number
  readonly code: string
  readonly cause: unknown
}

/** No broker of the domain took the connection. `attempts` has what happened at each, in order. */
export class ConnectError extends PortolanError {
  override readonly name = 'ConnectError'
  readonly code: ConnectErrorCode
  readonly domain: string
  readonly attempts: readonly AttemptError[]
  readonly vetoed: readonly StruckOut[]
  constructor(
    code: ConnectErrorCode,
    message: string,
    facts: Pick<ConnectError, 'domain' | 'attempts' | 'vetoed'> & ErrorOptions,
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.domain = facts.domain
    this.attempts = facts.attempts
    this.vetoed = facts.vetoed
  }
}

/** `b1.fleet.example:8883 (192.0.2.1)` */
function endpointText({ host, port, address }: Endpoint): string {
  return `${displayName(host)}:${port}${address === undefined ? '' : ` (${address})`}`
}
