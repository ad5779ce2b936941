/** What a validator is told by whoever makes it, checked before it asks anything. */
import { InvalidOptionError } from '@portolan/core'
import type { TrustAnchor } from './anchors.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { pace } from './pace.ts'
import type { Settings } from './work.ts'

export interface ValidatorOptions {
  /** DS or DNSKEY records, as lines in presentation form or taken apart; default both root KSKs (`ROOT_ANCHORS`). */
  readonly trustAnchors?: readonly (string | TrustAnchor)[] | undefined
  /** Wall clock in milliseconds since 1970, for the times of signatures; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** A clock that nobody sets, in milliseconds; default `performance.now`. */
  readonly monotonicNow?: (() => number) | undefined
  /** Verify algorithms 5 and 7 instead of treating them as unsupported (RFC 9905); default false. */
  readonly sha1Algorithms?: boolean | undefined
  /** Accept SHA-1 DS where no SHA-2 DS stands beside them; default true (RFC 9904 asks validators to support them). */
  readonly sha1Digests?: boolean | undefined
  /** Verdict on NSEC3 with more iterations than `limits.nsec3Iterations` (RFC 9276 §3.2); default `insecure`. */
  readonly overLimitIterations?: 'insecure' | 'bogus' | undefined
  /** How far the clock may be off, in milliseconds; default 0, at most a day. */
  readonly clockSkewToleranceMs?: number | undefined
  readonly limits?: Partial<Limits> | undefined
}

const MAX_SKEW_MS = 86_400_000
const OPTIONS: ReadonlySet<string> = new Set<keyof ValidatorOptions>([
  'trustAnchors',
  'now',
  'monotonicNow',
  'sha1Algorithms',
  'sha1Digests',
  'overLimitIterations',
  'clockSkewToleranceMs',
  'limits',
])

/** @throws InvalidOptionError: what is misspelt must not leave a default that is more lenient in its place. */
export function settingsOf(options: ValidatorOptions, monotonicNow: () => number): Settings {
  const {
    sha1Algorithms = false,
    sha1Digests = true,
    overLimitIterations = 'insecure',
    clockSkewToleranceMs = 0,
    limits = {},
  } = options
  const unknown = Object.keys(options).find((name) => !OPTIONS.has(name))
  if (unknown !== undefined) throw new InvalidOptionError(unknown, 'there is no such option')
  requireBoolean('sha1Algorithms', sha1Algorithms)
  requireBoolean('sha1Digests', sha1Digests)
  if (overLimitIterations !== 'insecure' && overLimitIterations !== 'bogus') {
    throw new InvalidOptionError('overLimitIterations', `${String(overLimitIterations)} is neither insecure nor bogus`)
  }
  if (!(typeof clockSkewToleranceMs === 'number' && clockSkewToleranceMs >= 0 && clockSkewToleranceMs <= MAX_SKEW_MS)) {
    throw new InvalidOptionError('clockSkewToleranceMs', `${clockSkewToleranceMs} is not from 0 to ${MAX_SKEW_MS}`)
  }
  return {
    limits: resolveLimits(limits),
    policy: { sha1Algorithms, sha1Digests },
    overLimitIterations,
    clockSkewToleranceMs,
    pace: pace(monotonicNow),
  }
}

function requireBoolean(option: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, `${String(value)} is neither true nor false`)
}
