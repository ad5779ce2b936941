/** How much work an answer may cause (after KeyTrap, CVE-2023-50387, and the NSEC3 encloser attack, CVE-2023-50868). */
import { InvalidOptionError } from '@portolan/core'

interface Range {
  readonly default: number
  readonly min: number
  readonly max: number
}

export interface Limits {
  /** Keys of one zone that share algorithm and key tag and are tried for a signature; more end as bogus. */
  readonly collidingKeys: number
  /** Signatures tried for one RRset, each with at most `collidingKeys` keys. */
  readonly signatureChecks: number
  /** Names hashed for one NSEC3 proof. */
  readonly nsec3Hashes: number
  /**
   * Signatures, digests and NSEC3 hashes together for one question, however often it is judged; the walks to its zones
   * together have four times as much.
   */
  readonly cryptoBudget: number
  /**
   * Zones and labels walked to for one question: a DS and a DNSKEY question each, and once more where that fails. The questions
   * of up to eight labels leave before a walk comes to them.
   */
  readonly zoneSteps: number
  /** Aliases followed inside one reply; the resolver asks for what follows. */
  readonly aliasesPerReply: number
  /** NSEC3 iterations above which a proof is not computed (RFC 9276 §3.2). */
  readonly nsec3Iterations: number
}

const LIMITS: Readonly<Record<keyof Limits, Range>> = {
  collidingKeys: { default: 4, min: 1, max: 64 },
  signatureChecks: { default: 8, min: 1, max: 256 },
  nsec3Hashes: { default: 64, min: 4, max: 512 },
  cryptoBudget: { default: 256, min: 16, max: 10_000 },
  zoneSteps: { default: 128, min: 8, max: 2_048 },
  aliasesPerReply: { default: 12, min: 1, max: 64 },
  nsec3Iterations: { default: 100, min: 0, max: 500 },
}

/** @throws InvalidOptionError for a limit outside its range, or one that there is not */
export function resolveLimits(given: Partial<Limits>): Limits {
  if (typeof given !== 'object' || given === null) throw new InvalidOptionError('limits', 'it is no object')
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(LIMITS, name))
  if (unknown !== undefined) throw new InvalidOptionError(`limits.${unknown}`, 'there is no such limit')
  const limits = Object.entries(LIMITS).map(([name, { default: fallback, min, max }]) => {
    const value = given[name as keyof Limits] ?? fallback
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidOptionError(`limits.${name}`, `${value} is not an integer from ${min} to ${max}`)
    }
    return [name, value]
  })
  return Object.fromEntries(limits)
}
