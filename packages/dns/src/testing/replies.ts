/** For the tests: replies as a transport or a validator would hand them over. */
import {
  A,
  CNAME,
  DNAME,
  type Name,
  nameToWire,
  type Proof,
  parseName,
  type Query,
  type Reply,
  type Rrset,
  type Secure,
} from '@portolan/core'
import { soa } from './messages.ts'

export const NOW = 1_800_000_000_000

export const n = (text: string): Name => parseName(text)

export function secure(validUntilMs: number = NOW + 9_000_000): Secure {
  return { security: 'secure', provenance: 'validated', zone: n('example.'), validUntilMs, chain: [] }
}

export function unproved<S extends 'insecure' | 'bogus'>(security: S): Extract<Proof, { readonly security: S }> {
  const proof = { security, reason: `${security}-reason`, detail: `${security} for the test`, chain: [] }
  return proof as unknown as Extract<Proof, { readonly security: S }>
}

export function rrset(
  owner: string,
  type: number,
  rdatas: readonly Uint8Array[],
  { ttl = 300, proof }: { ttl?: number; proof?: Proof } = {},
): Rrset {
  const records = rdatas.map((rdata) => ({ ownerOctets: nameToWire(n(owner)), type, ttlSeconds: ttl, rdata }))
  return { owner: n(owner), type, records, signatures: [], proof }
}

type Extra = Parameters<typeof rrset>[3]
export const address = (owner: string, text: string, extra?: Extra): Rrset => rrset(owner, 1, [A.encode(text)], extra)
export const cname = (owner: string, to: string, extra?: Extra): Rrset => rrset(owner, 5, [CNAME.encode(n(to))], extra)
export const dname = (owner: string, to: string, extra?: Extra): Rrset => rrset(owner, 39, [DNAME.encode(n(to))], extra)
export const soaOf = (owner: string, minimum: number, extra?: Extra): Rrset => rrset(owner, 6, [soa(minimum)], extra)

export function reply(query: Query, parts: Partial<Reply> = {}): Reply {
  const empty = { rcode: 0, truncated: false, authenticData: false, server: '192.0.2.53:53', answer: [], authority: [] }
  return { query, ...empty, extendedErrors: [], ...parts }
}
