/** A zone as it is served: its data, and for a signed one the NSEC chain and signatures, made when first asked for. */
import type { Name } from '@portolan/core'
import { NsecChain } from './nsec-chain.ts'
import { TYPE } from './record-types.ts'
import { signRrset, type Validity, type ZoneKey } from './sign.ts'
import type { StoredRrset, ZoneData } from './zone-data.ts'

/** The testbed's zones forget absences as fast as records, so that edits show soon. */
export const NEGATIVE_TTL_SECONDS = 60

export interface ZoneKeys {
  /** Signs the DNSKEY RRset alone; the parent's DS points to it. */
  readonly keySigning: ZoneKey
  readonly zoneSigning: ZoneKey
  /** DS rdata by which a parent points to the key-signing key (RFC 4034 §5). */
  readonly ds: readonly Uint8Array[]
}

export interface SigningSchedule {
  /** Since 1970. */
  nowSeconds(): number
  readonly lifetimeSeconds: number
}

/** Signatures begin an hour ago, as signers do for clients whose clocks are behind. */
const INCEPTION_AGE_SECONDS = 3600

export class ServedZone {
  readonly data: ZoneData
  /** Absent for an unsigned zone. */
  readonly keys: ZoneKeys | undefined
  readonly #schedule: SigningSchedule
  readonly #signatures = new WeakMap<StoredRrset, { readonly rdatas: readonly Uint8Array[]; readonly made: Validity }>()
  #chain: { readonly version: number; readonly chain: NsecChain } | undefined

  constructor(data: ZoneData, keys: ZoneKeys | undefined, schedule: SigningSchedule) {
    this.data = data
    this.keys = keys
    this.#schedule = schedule
  }

  /** With the types that the signer makes. */
  find(owner: Name, type: number): StoredRrset | undefined {
    if (type === TYPE.NSEC) return this.matching(owner)
    if (type !== TYPE.RRSIG) return this.data.find(owner, type)
    const rdatas = this.#withNsec(owner).flatMap((rrset) => (this.signs(rrset) ? this.signaturesOf(rrset) : []))
    return rdatas.length === 0 ? undefined : { owner, type, ttlSeconds: NEGATIVE_TTL_SECONDS, rdatas }
  }

  /** For ANY: everything but the signatures, which travel with what they sign. */
  all(owner: Name): readonly StoredRrset[] {
    return this.#withNsec(owner)
  }

  matching(owner: Name): StoredRrset | undefined {
    return this.#nsec()?.matching(owner)
  }

  covering(name: Name): StoredRrset | undefined {
    return this.#nsec()?.covering(name)
  }

  /** Whatever it holds but signatures. (A parent does not sign a cut's NS, RFC 4035 §2.2, but those are the child's to show.) */
  signs({ type }: StoredRrset): boolean {
    return this.keys !== undefined && type !== TYPE.RRSIG
  }

  /**
   * RRSIG rdata for an RRset of this signed zone.
   * @param validity of signatures made for this call alone; without it they are kept until three quarters of their life are over
   */
  signaturesOf(rrset: StoredRrset, validity?: Validity): readonly Uint8Array[] {
    if (this.keys === undefined) return []
    const key = rrset.type === TYPE.DNSKEY ? this.keys.keySigning : this.keys.zoneSigning
    if (validity !== undefined) return [signRrset(rrset, key, this.data.apex, validity)]
    const { nowSeconds, lifetimeSeconds } = this.#schedule
    const now = nowSeconds()
    const kept = this.#signatures.get(rrset)
    const inTime = (made: Validity) =>
      made.inceptionSeconds <= now && now < made.expirationSeconds - lifetimeSeconds / 4
    if (kept !== undefined && inTime(kept.made)) return kept.rdatas
    const made = { inceptionSeconds: now - INCEPTION_AGE_SECONDS, expirationSeconds: now + lifetimeSeconds }
    const rdatas = [signRrset(rrset, key, this.data.apex, made)]
    this.#signatures.set(rrset, { rdatas, made })
    return rdatas
  }

  #withNsec(owner: Name): readonly StoredRrset[] {
    const nsec = this.matching(owner)
    return nsec === undefined ? this.data.at(owner) : [...this.data.at(owner), nsec]
  }

  #nsec(): NsecChain | undefined {
    if (this.keys === undefined) return undefined
    if (this.#chain?.version !== this.data.version) {
      this.#chain = { version: this.data.version, chain: new NsecChain(this.data, NEGATIVE_TTL_SECONDS) }
    }
    return this.#chain.chain
  }
}
