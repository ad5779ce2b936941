/** What a zone holds: RRsets by owner and type, and which names exist because something stands below them. */
import { isAtOrBelow, type Name, selfAndAncestors } from '@portolan/core'

/** Never changed in place: an edit puts another one there, so whatever was made of it can be kept by its identity. */
export interface StoredRrset {
  readonly owner: Name
  readonly type: number
  readonly ttlSeconds: number
  readonly rdatas: readonly Uint8Array[]
}

export class ZoneData {
  readonly apex: Name
  /** Counts edits; what is derived from the whole zone is made anew when it moved. */
  version = 0
  readonly #owners = new Map<Name, Map<number, StoredRrset>>()
  #existing: ReadonlySet<Name> | undefined

  constructor(apex: Name) {
    this.apex = apex
  }

  find(owner: Name, type: number): StoredRrset | undefined {
    return this.#owners.get(owner)?.get(type)
  }

  /** All RRsets of an owner, by ascending type. */
  at(owner: Name): readonly StoredRrset[] {
    return [...(this.#owners.get(owner)?.values() ?? [])].sort((a, b) => a.type - b.type)
  }

  owners(): readonly Name[] {
    return [...this.#owners.keys()]
  }

  /** Whether the name has records, or stands above one that has (an empty non-terminal, RFC 4592 §2.2.2). */
  exists(name: Name): boolean {
    this.#existing ??= new Set(
      this.owners().flatMap((owner) => selfAndAncestors(owner).filter((at) => isAtOrBelow(at, this.apex))),
    )
    return this.#existing.has(name)
  }

  put(rrset: StoredRrset): void {
    const types = this.#owners.get(rrset.owner) ?? new Map<number, StoredRrset>()
    this.#owners.set(rrset.owner, types.set(rrset.type, rrset))
    this.#changed()
  }

  /** @returns whether there was anything to remove */
  remove(owner: Name, type?: number): boolean {
    const types = this.#owners.get(owner)
    const removed = type === undefined ? this.#owners.delete(owner) : (types?.delete(type) ?? false)
    if (types?.size === 0) this.#owners.delete(owner)
    this.#changed()
    return removed
  }

  #changed(): void {
    this.version++
    this.#existing = undefined
  }
}
