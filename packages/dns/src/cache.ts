/** Replies, judged or not, kept until the first of their TTLs and proofs ends (RFC 1035 §7.4, RFC 2308, RFC 9520). */
import { type Exchange, LookupError, type Reply } from '@portolan/core'
import { expiryOf, type LifetimeLimits } from './lifetime.ts'
import { questionKey } from './query.ts'
import { requireRange } from './range.ts'
import { NOERROR, NXDOMAIN } from './rcode.ts'

export interface CacheOptions extends LifetimeLimits {
  /** Default 10,000; the least recently used one goes first. At least 1. */
  readonly maxEntries?: number | undefined
  /** How long a failure is kept: default 1, from 1 to 300 (RFC 9520 §3.2). Bogus answers and SERVFAIL are failures. */
  readonly failureSeconds?: number | undefined
  /** Wall clock in milliseconds; default `Date.now`. A step backwards empties the cache: nobody knows how old it is. */
  readonly now?: (() => number) | undefined
}

export type CachedExchange = Exchange & {
  /** Forgets everything, as after a change of network; what is still under way will not be kept. */
  clear(): void
}

type Entry = { readonly expiresAtMs: number } & ({ readonly reply: Reply } | { readonly error: LookupError })

/**
 * Keeps replies by name, type and CD. What it hands out has `expiresAtMs`; the TTLs in its records are as they came.
 * Errors other than LookupError are never kept, an abort least of all.
 * @throws InvalidOptionError
 */
export function cached(exchange: Exchange, options: CacheOptions = {}): CachedExchange {
  const { maxEntries = 10_000, failureSeconds = 1, now = Date.now, ...limits } = options
  requireRange('maxEntries', maxEntries, 1, Infinity)
  requireRange('failureSeconds', failureSeconds, 1, 300)
  let entries = new Map<string, Entry>()
  const clear = () => {
    entries = new Map()
  }
  let latestMs = -Infinity
  const clock = () => {
    const atMs = now()
    if (atMs < latestMs) clear()
    latestMs = atMs
    return atMs
  }
  // Not async: a thousand questions may be out at a time, and a frame each weighs twice as much as what is kept here.
  const ask: Exchange = (query, callOptions) => {
    if (callOptions?.signal?.aborted === true) return Promise.reject(callOptions.signal.reason)
    const key = questionKey(query)
    const askedAtMs = clock()
    const shelf = entries
    const known = callOptions?.pastCache === true ? undefined : shelf.get(key)
    if (known !== undefined && known.expiresAtMs > askedAtMs) {
      keep(shelf, key, known, maxEntries)
      return 'error' in known ? Promise.reject(known.error) : Promise.resolve(known.reply)
    }
    shelf.delete(key)
    const onReply = (fresh: Reply) => {
      const atMs = clock()
      const expiresAtMs = isFailure(fresh) ? atMs + failureSeconds * 1_000 : expiryOf(fresh, atMs, limits)
      const reply = { ...fresh, expiresAtMs }
      if (expiresAtMs > atMs && !fresh.truncated) keep(shelf, key, { reply, expiresAtMs }, maxEntries)
      return reply
    }
    const onError = (error: unknown) => {
      const expiresAtMs = clock() + failureSeconds * 1_000
      // Who leaves may give such an error as the reason: that says nothing about the name.
      const isFailureOfName = error instanceof LookupError && callOptions?.signal?.aborted !== true
      if (isFailureOfName) keep(shelf, key, { error, expiresAtMs }, maxEntries)
      throw error
    }
    return exchange(query, callOptions).then(onReply, onError)
  }
  return Object.assign(ask, { clear: () => clear() })
}

/** Puts an entry behind all others and drops the first, which was not used for longest. */
function keep(shelf: Map<string, Entry>, key: string, entry: Entry, maxEntries: number): void {
  shelf.delete(key)
  shelf.set(key, entry)
  const [oldest] = shelf.keys()
  if (shelf.size > maxEntries && oldest !== undefined) shelf.delete(oldest)
}

/** RFC 9520 §2: what is neither an answer nor an absence, and what is bogus (§3.4). */
function isFailure({ rcode, proof, denial, answer }: Reply): boolean {
  const isBogus = [proof, denial?.proof, ...answer.map((rrset) => rrset.proof)].some((one) => one?.security === 'bogus')
  return isBogus || (rcode !== NOERROR && rcode !== NXDOMAIN)
}
