/** The error of connectDane. The plugin's refusals are vetoes and verdicts instead. */
import { PortolanError } from '@portolan/core'
import type { FaultCode } from './fault.ts'
import type { RefusalFacts } from './verdict.ts'

/** Stable. Every code but the last four speaks of the server's certificate. */
export type DaneErrorCode =
  | `dane/${FaultCode}`
  | 'dane/no-usable-tlsa'
  | 'dane/handshake'
  | 'dane/network'
  | 'dane/timeout'

/** No proved connection: nothing was written to the server after the handshake. */
export class DaneError extends PortolanError {
  override readonly name = 'DaneError'
  readonly code: DaneErrorCode
  /** `host:port`. */
  readonly server: string
  /** Where the certificate was refused: what was published, what was shown, and what would have matched. */
  readonly facts: RefusalFacts | undefined
  constructor(code: DaneErrorCode, server: string, why: string, options: ErrorOptions & { facts?: RefusalFacts } = {}) {
    super(`${server}: ${why}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.server = server
    this.facts = options.facts
  }
}
