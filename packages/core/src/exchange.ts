/** The lower seam: one question, one reply. Every transport, cache and validator is an Exchange around another one. */
import type { Name } from './name.ts'
import type { Proof } from './proof.ts'
import type { RawRecord } from './records.ts'

export interface CallOptions {
  /** Aborting rejects with the caller's own reason. */
  readonly signal?: AbortSignal | undefined
  /** Ask anew: a cache hands out nothing that it kept, and keeps what comes. Default: false. */
  readonly pastCache?: boolean | undefined
}

export interface Query {
  readonly name: Name
  readonly type: number
  /** CD (RFC 4035 §3.2.2): hand over the data even if the server's own validation failed. Transports send it unless it is false. */
  readonly checkingDisabled?: boolean | undefined
}

/** Records of one owner and type (class IN), with the RRSIG records that cover them. */
export interface Rrset {
  readonly owner: Name
  readonly type: number
  /** Without duplicates (RFC 2181 §5), at least one, unless only signatures came. */
  readonly records: readonly RawRecord[]
  readonly signatures: readonly RawRecord[]
  /** Absent = nobody judged. */
  readonly proof?: Proof | undefined
}

/** The end of the alias chain has no records of the type that was asked for; `owner` is that end. */
export interface Denial {
  readonly owner: Name
  readonly kind: 'nodata' | 'nxdomain'
  readonly proof: Proof
}

/** The same shape below and above the validator. */
export interface Reply {
  readonly query: Query
  /** With the upper bits of EDNS (RFC 6891 §6.1.3): 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN. */
  readonly rcode: number
  readonly truncated: boolean
  /** AD as the server set it; means nothing unless configuration trusts that server. */
  readonly authenticData: boolean
  /** Who answered: `host:port` or a URL. */
  readonly server: string
  readonly answer: readonly Rrset[]
  readonly authority: readonly Rrset[]
  /** RFC 8914. */
  readonly extendedErrors: readonly { readonly code: number; readonly text: string }[]
  /**
   * Of the whole: the weakest on the way from the question to its end. Absent = nobody judged.
   * Above a validator `answer` holds only judged RRsets of the alias chain, in its order. Where the chain ends neither in
   * records nor in `denial`, the server gave only its beginning: ask for the last alias's target.
   */
  readonly proof?: Proof | undefined
  /** Set by a validator, where the chain ends in an absence. */
  readonly denial?: Denial | undefined
  /** Set by a cache: time at which the first of its RRsets or its denial ends. */
  readonly expiresAtMs?: number | undefined
  readonly age?: 'restored' | 'stale' | undefined
}

/** Rejects with LookupError where no reply came, or with the caller's abort reason. */
export type Exchange = (query: Query, options?: CallOptions) => Promise<Reply>
