import type { Exchange, Name, Query, Reply } from '@portolan/core'
import type { ValidatorOptions } from '@portolan/dnssec'

export interface World {
  readonly time: string
  readonly trustAnchors: readonly string[]
  readonly question: { readonly name: string; readonly type: string }
  readonly responses: Readonly<Record<string, string>>
}
export interface Verdict {
  readonly security: string
  readonly reason: string
  readonly detail?: string
  readonly rcode?: string
  readonly answer?: readonly string[]
  readonly extendedError?: number
  readonly clockOffsetMs?: number
}
export interface Packages {
  readonly parseName: (text: string) => Name
  readonly typeText: (type: number) => string
  readonly readReply: (octets: Uint8Array, query: Query, server: string) => Reply
  readonly validated: (exchange: Exchange, options: ValidatorOptions) => Exchange
  readonly canonicalRdata: (type: number, rdata: Uint8Array) => Uint8Array
}
export interface WorldOptions extends ValidatorOptions {
  /** Changes replies on their way to the validator. */
  readonly tamper?: (reply: Reply) => Reply
  /** Changes messages before they are read. */
  readonly tamperOctets?: (octets: Uint8Array) => Uint8Array
}
export function judgeWorld(world: World, packages: Packages, options?: WorldOptions): Promise<Verdict>
