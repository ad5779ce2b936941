/** Makes core's Lookup of an Exchange: aliases followed, proofs joined, absence and failure told apart. */
import {
  type Alias,
  type Answer,
  type CallOptions,
  type Exchange,
  isPortolanError,
  type Lookup,
  LookupError,
  type Name,
  NOT_JUDGED,
  type Proof,
  type RecordType,
  type Reply,
  type Usable,
  weakest,
} from '@portolan/core'
import { type AliasFault, followAliases, type Walk } from './aliases.ts'
import { expiryOf, soaFor } from './lifetime.ts'
import { NOERROR, NXDOMAIN, rcodeText } from './rcode.ts'

const NS = 2

export interface ResolverOptions {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Aliases on the way from the name to its records; default 12, as resolvers have it. */
  readonly maxAliases?: number | undefined
}

/**
 * Asks, follows the aliases of the answer, asks again where the answer ends before the chain does.
 * The lookup rejects with LookupError: `dnssec/bogus` where one proof on the way is bogus, `dns/rcode` for any response
 * code but NOERROR and NXDOMAIN, `dns/alias-loop`, `dns/malformed`, `dns/mismatched-reply` for a referral, and whatever
 * the exchange rejects with.
 */
export function resolver(exchange: Exchange, { now = Date.now, maxAliases = 12 }: ResolverOptions = {}): Lookup {
  return async <T>(name: Name, type: RecordType<T>, options?: CallOptions): Promise<Answer<T>> => {
    const chase = new Chase(name, type, maxAliases)
    for (;;) {
      const reply = await exchange({ name: chase.at, type: type.code }, options)
      const answer = chase.follow(reply, now())
      if (answer !== undefined) return answer
    }
  }
}

/** The way from a name to its records, reply by reply. */
class Chase<T> {
  /** The name to ask for next. */
  at: Name
  readonly #name: Name
  readonly #type: RecordType<T>
  readonly #maxAliases: number
  #visited: Set<Name> | undefined
  #replies: readonly Reply[] = []
  #aliases: readonly Alias[] = []
  #expiresAtMs = Infinity

  constructor(name: Name, type: RecordType<T>, maxAliases: number) {
    this.at = name
    this.#name = name
    this.#type = type
    this.#maxAliases = maxAliases
  }

  /** The answer, or `undefined` where the chain goes on beyond this reply. */
  follow(reply: Reply, nowMs: number): Answer<T> | undefined {
    const fail = failure(reply, this.#name, this.#type)
    refuseUnusable(reply, fail)
    this.#visited ??= new Set()
    const limits = { visited: this.#visited, maxHops: this.#maxAliases }
    const walk = followAliases(reply.answer, this.at, this.#type.code, limits)
    const hops = walk.hops.map(({ owner, target, via, rrset }) => {
      return { owner, target, via, proof: usable(rrset.proof ?? NOT_JUDGED, fail) }
    })
    if (walk.fault !== undefined) throw aliasError(walk.fault, fail)
    this.#aliases = this.#aliases.concat(hops)
    this.#replies = this.#replies.concat(reply)
    this.#expiresAtMs = Math.min(this.#expiresAtMs, reply.expiresAtMs ?? expiryOf(reply, nowMs))
    const end = endOf(reply, walk, fail)
    if (end !== undefined) return this.#answer(walk, end, fail)
    this.at = walk.end
    return undefined
  }

  #answer(walk: Walk, { absence, proof }: End, fail: Fail): Answer<T> {
    const replies = this.#replies
    const proofs = [
      ...this.#aliases.map((alias) => alias.proof),
      ...replies.map((one) => usable(one.proof ?? proof, fail)),
    ]
    const { records, malformed } = decoded(walk, this.#type)
    return {
      canonicalName: walk.end,
      aliases: this.#aliases,
      records,
      malformed,
      absence,
      proof: weakest(proof, ...proofs),
      expiresAtMs: this.#expiresAtMs,
      age: replies.find(({ age }) => age === 'stale')?.age ?? replies.find(({ age }) => age !== undefined)?.age,
    }
  }
}

type Fail = (
  code: LookupError['code'],
  why: string,
  facts?: Pick<ConstructorParameters<typeof LookupError>[2], 'cause' | 'proof' | 'rcode'>,
) => LookupError

function failure<T>(reply: Reply, owner: Name, type: RecordType<T>): Fail {
  const { server, extendedErrors } = reply
  return (code, why, facts) =>
    new LookupError(code, why, { owner, type: type.mnemonic, server, extendedErrors, ...facts })
}

function refuseUnusable(reply: Reply, fail: Fail): void {
  if (reply.proof !== undefined) usable(reply.proof, fail)
  if (reply.rcode !== NOERROR && reply.rcode !== NXDOMAIN) {
    const rcode = rcodeText(reply.rcode)
    throw fail('dns/rcode', `the server answered ${rcode}${extendedErrorText(reply)}`, { rcode })
  }
  if (reply.truncated) throw fail('dns/malformed', 'the reply is truncated, and nothing asked again over TCP')
}

function extendedErrorText({ extendedErrors }: Reply): string {
  const texts = extendedErrors.map(({ code, text }) => (text === '' ? `EDE ${code}` : `EDE ${code}: ${text}`))
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`
}

function usable(proof: Proof, fail: Fail): Usable {
  if (proof.security === 'bogus') throw fail('dnssec/bogus', `bogus, ${proof.detail}`, { proof })
  return proof
}

/** Where the chain ends: the proof of its records, or of their absence. */
interface End {
  readonly absence?: 'nodata' | 'nxdomain' | undefined
  readonly proof: Usable
}

/** `undefined` where the chain goes on beyond this reply. */
function endOf(reply: Reply, walk: Walk, fail: Fail): End | undefined {
  if (walk.rrset !== undefined) return { proof: usable(walk.rrset.proof ?? NOT_JUDGED, fail) }
  const { denial } = reply
  if (denial !== undefined && denial.owner === walk.end) {
    return { absence: denial.kind, proof: usable(denial.proof, fail) }
  }
  const isProgress = walk.hops.length > 0
  if (reply.proof !== undefined) {
    if (isProgress) return undefined
    throw fail('dns/malformed', 'the reply holds neither records nor a denial')
  }
  if (reply.rcode === NXDOMAIN) return { absence: 'nxdomain', proof: NOT_JUDGED }
  if (soaFor(reply.authority, walk.end) !== undefined) return { absence: 'nodata', proof: NOT_JUDGED }
  if (isProgress) return undefined
  // RFC 2308 §2.2: NS without SOA is a referral, and no word about the name.
  if (reply.authority.some(({ type }) => type === NS)) {
    throw fail('dns/mismatched-reply', 'the server only refers to others: it does not recurse')
  }
  return { absence: 'nodata', proof: NOT_JUDGED }
}

function aliasError({ kind, owner, cause }: AliasFault, fail: Fail): LookupError {
  switch (kind) {
    case 'loop':
      return fail('dns/alias-loop', `the alias at ${owner} leads back to a name on the way`)
    case 'too-many':
      return fail('dns/alias-loop', `too many aliases, the last one at ${owner}`)
    case 'ambiguous':
      return fail('dns/malformed', `several aliases at ${owner}`)
    case 'malformed':
      return fail('dns/malformed', `the alias at ${owner} holds no name`, { cause })
    case 'too-long':
      // RFC 6672 §2.2: what a server would answer.
      return fail('dns/rcode', `the DNAME at ${owner} makes a name that is too long`, { cause, rcode: 'YXDOMAIN' })
  }
}

function decoded<T>({ rrset }: Walk, type: RecordType<T>): Pick<Answer<T>, 'records' | 'malformed'> {
  const records: T[] = []
  const malformed: unknown[] = []
  for (const { rdata } of rrset?.records ?? []) {
    try {
      records.push(type.decode(rdata))
    } catch (error) {
      if (!isPortolanError(error)) throw error
      malformed.push(error)
    }
  }
  // Without the room that a list has to grow: answers are kept for long.
  return { records: records.slice(), malformed }
}
