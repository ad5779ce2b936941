/** One LOC question, its every outcome a value: a place is never a reason to give up a broker. */
import { isPortolanError, type Lookup, type Name, type Usable } from '@portolan/core'
import type { UnknownReason } from './fact.ts'
import { LOC, type Loc } from './loc.ts'

/** Records, their proved or unproved absence, or nothing that can be used: three different things. */
export type Found = FoundRecords | FoundNone | FoundUnusable

export interface FoundRecords {
  readonly kind: 'records'
  readonly owner: Name
  readonly records: readonly [Loc, ...Loc[]]
  readonly security: Usable['security']
  readonly expiresAtMs: number
}

export interface FoundNone {
  readonly kind: 'none'
  readonly security: Usable['security']
  readonly expiresAtMs: number
}

export interface FoundUnusable {
  readonly kind: 'unusable'
  readonly reason: Exclude<UnknownReason, 'no-position' | 'insecure'>
  readonly detail: string
}

/** Rejects with the caller's abort reason only. */
export async function findLoc(lookup: Lookup, name: Name, signal: AbortSignal | undefined): Promise<Found> {
  try {
    const { canonicalName, records, malformed, proof, expiresAtMs } = await lookup(name, LOC, { signal })
    const [first, ...others] = records
    if (first !== undefined) {
      return {
        kind: 'records',
        owner: canonicalName,
        records: [first, ...others],
        security: proof.security,
        expiresAtMs,
      }
    }
    if (malformed.length > 0) return { kind: 'unusable', reason: 'malformed', detail: messageOf(malformed[0]) }
    return { kind: 'none', security: proof.security, expiresAtMs }
  } catch (error) {
    if (!isPortolanError(error)) throw error
    const reason = error.code === 'dnssec/bogus' ? 'bogus' : 'lookup-failed'
    return { kind: 'unusable', reason, detail: error.message }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
