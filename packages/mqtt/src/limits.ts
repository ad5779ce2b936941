/** The numbers that can be set, each with default, minimum and maximum; checked once, before anything is opened. */
import { InvalidOptionError } from '@portolan/core'

export interface Limits {
  /** For the TCP connection to one address. */
  readonly connectTimeoutMs: number
  /** From the TCP connection to the verdict on the peer. */
  readonly tlsTimeoutMs: number
  /** From CONNECT to CONNACK. */
  readonly connackTimeoutMs: number
  /** Between the starts of attempts at one broker's addresses (RFC 8305 §5). */
  readonly connectionAttemptDelayMs: number
  /** Ceiling of the first wait; each failed round doubles it. The wait is drawn between 0 and the ceiling. */
  readonly backoffBaseMs: number
  /** Ceiling of every wait. */
  readonly backoffMaxMs: number
  /** How long an address that failed stands after the others. */
  readonly failureMarkMs: number
  /** A connection that lasted this long ends the back-off; a shorter one counts as a failure. */
  readonly stableAfterMs: number
  /** Brokers in a row that may refuse the credentials before the client stops. */
  readonly credentialRefusals: number
}

interface Limit {
  readonly default: number
  readonly min: number
  readonly max: number
}

const HOUR_MS = 3_600_000

const LIMITS: Readonly<Record<keyof Limits, Limit>> = {
  connectTimeoutMs: { default: 5_000, min: 1, max: 300_000 },
  tlsTimeoutMs: { default: 5_000, min: 1, max: 300_000 },
  connackTimeoutMs: { default: 10_000, min: 1, max: 300_000 },
  // RFC 8305 §5: 250 ms are recommended, 10 ms are the least that it allows, 2 s the recommended most.
  connectionAttemptDelayMs: { default: 250, min: 10, max: 2_000 },
  backoffBaseMs: { default: 1_000, min: 1, max: HOUR_MS },
  backoffMaxMs: { default: 120_000, min: 1, max: 24 * HOUR_MS },
  failureMarkMs: { default: 60_000, min: 0, max: HOUR_MS },
  stableAfterMs: { default: 10_000, min: 0, max: HOUR_MS },
  credentialRefusals: { default: 3, min: 1, max: 1_000 },
}

/** @throws InvalidOptionError */
export function limitsOf(options: { readonly [Name in keyof Limits]?: number | undefined }): Limits {
  const backoffMaxMs = limitOf('backoffMaxMs', options.backoffMaxMs)
  const limits: Limits = {
    connectTimeoutMs: limitOf('connectTimeoutMs', options.connectTimeoutMs),
    tlsTimeoutMs: limitOf('tlsTimeoutMs', options.tlsTimeoutMs),
    connackTimeoutMs: limitOf('connackTimeoutMs', options.connackTimeoutMs),
    connectionAttemptDelayMs: limitOf('connectionAttemptDelayMs', options.connectionAttemptDelayMs),
    // A ceiling below the default base lowers the base with it; only two that were both given can disagree.
    backoffBaseMs: limitOf(
      'backoffBaseMs',
      options.backoffBaseMs ?? Math.min(LIMITS.backoffBaseMs.default, backoffMaxMs),
    ),
    backoffMaxMs,
    failureMarkMs: limitOf('failureMarkMs', options.failureMarkMs),
    stableAfterMs: limitOf('stableAfterMs', options.stableAfterMs),
    credentialRefusals: limitOf('credentialRefusals', options.credentialRefusals),
  }
  const { backoffBaseMs } = limits
  if (backoffMaxMs < backoffBaseMs) {
    throw new InvalidOptionError('backoffMaxMs', `${backoffMaxMs} is less than backoffBaseMs (${backoffBaseMs})`)
  }
  return limits
}

function limitOf(name: keyof Limits, given: number | undefined): number {
  const { default: standard, min, max } = LIMITS[name]
  if (given === undefined) return standard
  if (!(given >= min && given <= max)) throw new InvalidOptionError(name, `${given} is not between ${min} and ${max}`)
  return given
}
