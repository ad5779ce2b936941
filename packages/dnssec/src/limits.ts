/** How much work an answer may cause (after KeyTrap, CVE-2023-50387, and the NSEC3 encloser attack, CVE-2023-50868). */
import { InvalidOptionError } from '@portolan/core'

export interface Range {
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
  /** Signatures, digests and NSEC3 hashes together for one question; all of its zones together have four times as much. */
  readonly cryptoBudget: number
  /** Zones and labels looked into on behalf of one question, each at most a DS and a DNSKEY question. */
  readonly zoneSteps: number
  /** Aliases followed inside one reply; the resolver asks for what follows. */
  readonly aliasesPerReply: number
  /** NSEC3 iterations above which a proof is not computed (RFC 9276 §3.2). */
  readonly nsec3Iterations: number
}

export const LIMITS: Readonly<Record<keyof Limits, Range>> = {
  collidingKeys: { default: 4, min: 1, max: 64 },
  signatureChecks: { default: 8, min: 1, max: 256 },
  nsec3Hashes: { default: 64, min: 4, max: 512 },
  cryptoBudget: { default: 256, min: 16, max: 10_000 },
  zoneSteps: { default: 128, min: 8, max: 2_048 },
  aliasesPerReply: { default: 12, min: 1, max: 64 },
  nsec3Iterations: { default: 100, min: 0, max: 500 },
}

/** @throws InvalidOptionError for a limit outside its range */
export function resolveLimits(given: Partial<Limits>): Limits {
  const limits = Object.entries(LIMITS).map(([name, { default: fallback, min, max }]) => {
    const value = given[name as keyof Limits] ?? fallback
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidOptionError(`limits.${name}`, `${value} is not an integer from ${min} to ${max}`)
    }
    return [name, value]
  })
  return Object.fromEntries(limits)
}

const WALK_BUDGETS = 4

/** What is left of one question's work. */
export class Budget {
  readonly #cryptoBudget: number
  #crypto: number
  #zoneSteps: number
  #walk: Budget | undefined
  constructor({ cryptoBudget, zoneSteps }: Pick<Limits, 'cryptoBudget' | 'zoneSteps'>) {
    this.#cryptoBudget = cryptoBudget
    this.#crypto = cryptoBudget
    this.#zoneSteps = zoneSteps
  }
  /** For the walks to the zones of the question, which others share: its own work does not suffer from them. */
  ofWalk(): Budget {
    if (this.#walk === undefined) {
      this.#walk = new Budget({ cryptoBudget: this.#cryptoBudget * WALK_BUDGETS, zoneSteps: 0 })
      this.#walk.#walk = this.#walk
    }
    return this.#walk
  }
  /** False where nothing is left. */
  takeCrypto(): boolean {
    return this.#crypto-- > 0
  }
  takeZoneStep(): boolean {
    return this.#zoneSteps-- > 0
  }
}
