/**
 * Denial by NSEC3 (RFC 5155 §8). In this file "match" is an owner that is the hash of a name, "cover" a hash that lies
 * between owner and next, "closest encloser" the longest existing ancestor, "next closer" the name one label longer.
 */
import { isAtOrBelow, labelsOf, type Name, parentOf } from '@portolan/core'
import type { Nsec3Record } from './evidence.ts'
import { type DenialFinding, wildcardAt } from './nsec.ts'
import type { Fault } from './reasons.ts'
import { rightmostLabels } from './records/canonical.ts'
import { DS } from './records/ds.ts'
import { base32hex, type Nsec3Parameters, nsec3Hash, OPT_OUT_FLAG } from './records/nsec3.ts'
import { hidesWhatIsBelow, lacksType, saysNoSuchName } from './types-at-name.ts'
import type { Work } from './work.ts'

/** A zone has one chain, and two while it changes from one to the other. */
const MAX_PARAMETER_SETS = 2

export type Nsec3Answer<T> = { readonly finding: T } | { readonly fault: Fault }

/** RFC 9276 §3.2; asked only of records whose signatures held. */
export function iterationsFault(records: readonly Nsec3Record[], zone: Name, limit: number): Fault | undefined {
  const iterations = records.reduce((most, record) => Math.max(most, record.iterations), 0)
  if (iterations <= limit) return undefined
  return {
    reason: 'nsec3-iterations',
    detail: `NSEC3 of ${zone} uses ${iterations} iterations, at most ${limit} count`,
  }
}

/** Hashes names for one proof, each once for each set of parameters, until the limit. */
class Hasher {
  readonly #hashes = new Map<string, string>()
  readonly #sets: readonly (readonly Nsec3Record[])[]
  readonly #work: Work
  /** Set where a limit ended the work: what was not found then proves nothing. */
  fault: Fault | undefined
  constructor(records: readonly Nsec3Record[], work: Work) {
    this.#sets = parameterSets(records)
    this.#work = work
  }

  match(name: Name): Promise<Nsec3Record | undefined> {
    return this.#find(name, ({ hashText }, hash) => hashText === hash)
  }

  cover(name: Name): Promise<Nsec3Record | undefined> {
    return this.#find(name, isBetween)
  }

  async #find(name: Name, test: (record: Nsec3Record, hash: string) => boolean): Promise<Nsec3Record | undefined> {
    for (const [index, records] of this.#sets.entries()) {
      const [parameters] = records
      const hash = parameters === undefined ? undefined : await this.#hash(name, parameters, index)
      const found = hash === undefined ? undefined : records.find((record) => test(record, hash))
      if (found !== undefined) return found
    }
    return undefined
  }

  async #hash(name: Name, parameters: Nsec3Parameters, index: number): Promise<string | undefined> {
    const key = `${index} ${name}`
    const known = this.#hashes.get(key)
    if (known !== undefined || this.fault !== undefined) return known
    if (this.#hashes.size >= this.#work.limits.nsec3Hashes) {
      this.fault = { reason: 'limit-nsec3-hashes', detail: `too many names to hash for the denial of ${name}` }
      return undefined
    }
    if (!this.#work.budget.takeCrypto()) {
      this.fault = { reason: 'limit-crypto-budget', detail: `the budget of the question ended hashing ${name}` }
      return undefined
    }
    await this.#work.pace.next()
    const octets = await nsec3Hash(name, parameters)
    if (octets === undefined) return undefined
    const text = base32hex(octets)
    this.#hashes.set(key, text)
    return text
  }
}

/**
 * RFC 5155 §8.2 lets a validator refuse a proof with several parameters; we take each record for what its own parameters
 * say, since the zone signed it, but no more sets than a zone has that changes from one to another.
 */
function parameterSets(records: readonly Nsec3Record[]): readonly (readonly Nsec3Record[])[] {
  const sets = new Map<string, Nsec3Record[]>()
  for (const record of records) {
    const key = `${record.iterations} ${record.salt.join()}`
    const set = sets.get(key)
    if (set === undefined) sets.set(key, [record])
    else set.push(record)
  }
  return [...sets.values()].slice(0, MAX_PARAMETER_SETS)
}

/** Base32hex keeps the order of the octets (RFC 4648 §7). The last record of the chain points back to the first. */
function isBetween({ hashText, nextHashText }: Nsec3Record, hash: string): boolean {
  if (hashText < nextHashText) return hashText < hash && hash < nextHashText
  return hash > hashText || hash < nextHashText
}

interface Encloser {
  readonly name: Name
  readonly match: Nsec3Record
  readonly nextCloser: Nsec3Record
}

/** RFC 5155 §8.3: the longest ancestor that matches, and the cover of the name one label longer. */
async function closestEncloserProof(hasher: Hasher, name: Name, zone: Name): Promise<Encloser | undefined> {
  let nextCloserName = name
  for (let at = parentOf(name); at !== undefined && isAtOrBelow(at, zone); at = parentOf(at)) {
    const match = await hasher.match(at)
    if (match !== undefined) {
      if (hidesWhatIsBelow(match.types) || saysNoSuchName(match.types)) return undefined
      const nextCloser = await hasher.cover(nextCloserName)
      return nextCloser === undefined ? undefined : { name: at, match, nextCloser }
    }
    nextCloserName = at
  }
  return undefined
}

/** What the records prove of the absence of `type` at `name`. */
export async function nsec3Denial(
  records: readonly Nsec3Record[],
  name: Name,
  type: number,
  zone: Name,
  work: Work,
): Promise<Nsec3Answer<DenialFinding<Nsec3Record> | undefined>> {
  const hasher = new Hasher(records, work)
  const finding = await denial(hasher, name, type, zone)
  return hasher.fault === undefined ? { finding } : { fault: hasher.fault }
}

async function denial(
  hasher: Hasher,
  name: Name,
  type: number,
  zone: Name,
): Promise<DenialFinding<Nsec3Record> | undefined> {
  const own = await hasher.match(name)
  if (own !== undefined) {
    if (saysNoSuchName(own.types)) return { kind: 'nxdomain', records: [own], types: own.types }
    return lacksType(own.types, name, type) ? { kind: 'nodata', records: [own], types: own.types } : undefined
  }
  const encloser = await closestEncloserProof(hasher, name, zone)
  if (encloser === undefined) return undefined
  const isOptOut = (encloser.nextCloser.flags & OPT_OUT_FLAG) !== 0
  const base = [encloser.match, encloser.nextCloser]
  const wildcard = wildcardAt(encloser.name)
  const atWildcard = wildcard === undefined ? undefined : await hasher.match(wildcard)
  if (wildcard !== undefined && atWildcard !== undefined) {
    // RFC 5155 §8.7
    if (lacksType(atWildcard.types, wildcard, type)) {
      return { kind: 'nodata', records: [...base, atWildcard], isOptOut }
    }
    // §8.6 asks for nothing of the wildcard: an unsigned delegation comes before it (RFC 4592 §2.2.1).
    return type === DS.code && isOptOut ? { kind: 'nodata', records: base, isOptOut } : undefined
  }
  const noWildcard = wildcard === undefined ? encloser.nextCloser : await hasher.cover(wildcard)
  // RFC 5155 §8.4
  if (noWildcard !== undefined) return { kind: 'nxdomain', records: [...base, noWildcard], isOptOut }
  // RFC 5155 §8.6: no DS, because an unsigned delegation may have been left out; for other types that is a hint only.
  if (!isOptOut) return undefined
  return { kind: 'nodata', records: base, isOptOut, isOpen: type !== DS.code }
}

/** RFC 5155 §8.8: that no closer name than the wildcard exists, whose parent has `encloserLabels` labels. */
export async function nsec3ProvesExpansion(
  records: readonly Nsec3Record[],
  name: Name,
  encloserLabels: number,
  work: Work,
): Promise<Nsec3Answer<Nsec3Record | undefined>> {
  const hasher = new Hasher(records, work)
  const nextCloser = rightmostLabels(name, Math.min(encloserLabels + 1, labelsOf(name).length))
  const finding = await hasher.cover(nextCloser)
  return hasher.fault === undefined ? { finding } : { fault: hasher.fault }
}
