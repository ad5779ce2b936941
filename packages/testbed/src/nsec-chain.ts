/** The NSEC records of a zone (RFC 4034 §4, RFC 4035 §2.3): one for each owner, pointing to the next in canonical order. */
import type { Name } from '@portolan/core'
import { compareNames, NSEC } from '@portolan/dnssec/records'
import { TYPE } from './record-types.ts'
import type { StoredRrset, ZoneData } from './zone-data.ts'

export class NsecChain {
  readonly #owners: readonly Name[]
  readonly #records: ReadonlyMap<Name, StoredRrset>

  constructor(data: ZoneData, ttlSeconds: number) {
    this.#owners = [...data.owners()].sort(compareNames)
    this.#records = new Map(
      this.#owners.map((owner, index) => {
        const nextName = this.#owners[index + 1] ?? data.apex
        const types = [...data.at(owner).map(({ type }) => type), TYPE.RRSIG, TYPE.NSEC]
        return [
          owner,
          { owner, type: TYPE.NSEC, ttlSeconds, rdatas: [NSEC.encode({ nextName, types: new Set(types) })] },
        ]
      }),
    )
  }

  /** The record of exactly this owner: proves which types are there (RFC 4035 §3.1.3.1). */
  matching(owner: Name): StoredRrset | undefined {
    return this.#records.get(owner)
  }

  /** The record whose span holds the name, which is nobody's owner: proves that it is not there (RFC 4035 §3.1.3.2). */
  covering(name: Name): StoredRrset | undefined {
    const before = this.#owners.findLast((owner) => compareNames(owner, name) < 0)
    return before === undefined ? undefined : this.#records.get(before)
  }
}
