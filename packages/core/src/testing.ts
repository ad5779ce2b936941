/** For tests of plugins: answers from a table, and randomness that repeats. */
import type { Answer, Lookup } from './answer.ts'
import { LookupError } from './errors.ts'
import { parseName } from './name.ts'
import type { Secure, Usable } from './proof.ts'
import type { RecordType } from './records.ts'

/** A proof that says `secure` until the end of time. For tests alone. */
export const TEST_SECURE: Secure = {
  security: 'secure',
  provenance: 'validated',
  zone: parseName('test.'),
  validUntilMs: Number.MAX_SAFE_INTEGER,
  chain: [],
}

/** One row of the table: records, and what differs from a secure answer without aliases. */
export type FakeAnswer = { readonly records?: readonly unknown[] } & Partial<Omit<Answer<unknown>, 'records'>>

/**
 * A Lookup from a table with keys such as `b1.fleet.test. LOC`. A row that is an Error rejects with it; what has no row
 * is securely absent.
 */
export function fakeLookup(
  table: Readonly<Record<string, FakeAnswer | Error>>,
  proof: Usable = TEST_SECURE,
): Lookup & { readonly asked: readonly string[] } {
  const asked: string[] = []
  const lookup = async <T>(name: string, type: RecordType<T>, options?: { signal?: AbortSignal | undefined }) => {
    options?.signal?.throwIfAborted()
    const key = `${name} ${type.mnemonic}`
    asked.push(key)
    const row = table[key] ?? { absence: 'nxdomain' }
    if (row instanceof Error) throw row
    const canonicalName = parseName(name)
    const filled = { aliases: [], malformed: [], proof, expiresAtMs: Number.MAX_SAFE_INTEGER, canonicalName, ...row }
    return { records: [], ...filled } as Answer<T>
  }
  return Object.assign(lookup as Lookup, { asked })
}

/** What a Lookup rejects with where an answer is bogus. */
export function bogusError(name: string, type: string, reason = 'signature-invalid'): LookupError {
  const detail = 'forged for the test'
  return new LookupError('dnssec/bogus', `bogus (${reason}): ${detail}`, {
    owner: parseName(name),
    type,
    proof: { security: 'bogus', reason, detail, chain: [] },
  })
}

/** What a Lookup rejects with where nobody answers. */
export function timeoutError(name: string, type: string): LookupError {
  return new LookupError('dns/timeout', 'no answer', { owner: parseName(name), type, server: '192.0.2.53:53' })
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
