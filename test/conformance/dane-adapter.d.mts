/** Types of the adapter, for the tests beside it. */
export interface DaneVector {
  readonly id: string
  readonly source: string
  readonly title: string
  readonly tags: readonly string[]
  readonly time: number
  readonly baseDomain: string
  readonly referenceNames: readonly string[]
  readonly noNameChecks: boolean
  readonly authLevel: number | null
  readonly tlsa: readonly {
    readonly usage: number
    readonly selector: number
    readonly matchingType: number
    readonly dataHex: string
  }[]
  readonly chain: readonly string[]
  readonly trustedCAs: readonly string[]
  readonly expect: { readonly ok: boolean; readonly mode: 'dane' | 'pkix'; readonly matchDepth: number | null }
  readonly disputed: null | {
    readonly rfc: { readonly ok: boolean | null }
    readonly openssl: { readonly ok: boolean }
  }
  readonly optional?: boolean
}

export declare function verify(
  vector: DaneVector,
): Promise<{ readonly ok: boolean; readonly matchDepth: number | null; readonly reason: string }>
