/** The upper seam: typed records with their proof. What plugins see of DNS. */
import type { CallOptions } from './exchange.ts'
import type { Name } from './name.ts'
import type { Usable } from './proof.ts'
import type { RecordType } from './records.ts'

/** One hop of an alias chain. A DNAME hop is the DNAME's proof on the name that it rewrote. */
export interface Alias {
  readonly owner: Name
  readonly target: Name
  readonly via: 'CNAME' | 'DNAME'
  readonly proof: Usable
}

/** Absence is an Answer without records and with its own proof; bogus and failure reject. */
export interface Answer<T> {
  /** The end of the alias chain, where the records stand (RFC 7671 §7 needs it); the name asked for where there is none. */
  readonly canonicalName: Name
  readonly aliases: readonly Alias[]
  readonly records: readonly T[]
  /** Records of the type that could not be decoded, each with its error; never silently lost. */
  readonly malformed: readonly unknown[]
  readonly absence?: 'nodata' | 'nxdomain' | undefined
  /** The weakest of the chain. */
  readonly proof: Usable
  /** By TTL and proof, whichever ends first. */
  readonly expiresAtMs: number
  readonly age?: 'restored' | 'stale' | undefined
}

/** Rejects with LookupError (bogus or failed), or with the caller's abort reason. */
export type Lookup = <T>(name: Name, type: RecordType<T>, options?: CallOptions) => Promise<Answer<T>>
