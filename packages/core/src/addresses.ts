/** All ways in to a target: A and AAAA, asked together, and when one family's failure strikes the target out. */
import { A } from './a.ts'
import { AAAA } from './aaaa.ts'
import type { Answer, Lookup } from './answer.ts'
import { isPortolanError, LookupError, Veto } from './errors.ts'
import { displayName, type Name } from './name.ts'
import type { Address, Target, TargetAddresses } from './plugin.ts'
import type { RecordType } from './records.ts'
import type { Note } from './trace.ts'

/**
 * Asks for both families.
 * @throws Veto `core/address-bogus`, `core/address-lookup-failed`, `core/no-such-host`, `core/no-address`
 */
export async function findAddresses(
  target: Target,
  lookup: Lookup,
  signal: AbortSignal,
  note: Note,
): Promise<TargetAddresses> {
  const { host } = target
  const families = await Promise.all([ask(host, 4, A, lookup, signal), ask(host, 6, AAAA, lookup, signal)])
  const answers = families.flatMap((family) => ('answer' in family ? [family.answer] : []))
  for (const family of families) {
    if (!('failure' in family)) continue
    const veto = failureVeto(target, family.failure, answers)
    if (veto !== undefined) throw veto
    note({ subject: host, type: family.type, code: 'address-family-failed', detail: family.failure.message })
  }
  const addresses = families.flatMap((family) => ('answer' in family ? addressesOf(family.version, family.answer) : []))
  if (addresses.length === 0) throw noAddress(host, answers)
  const best = answers.reduce((a, b) => (standsBefore(a, b) ? a : b))
  const { canonicalName, aliases, proof } = best
  for (const alias of aliases) {
    const detail = `stands for ${displayName(alias.target)}`
    note({ subject: alias.owner, type: alias.via, code: 'alias-followed', proof: alias.proof, detail })
  }
  const list = addresses.map(({ address }) => address).join(' ')
  note({ subject: host, type: 'A/AAAA', code: 'addresses-found', proof, detail: list })
  const expiresAtMs = Math.min(...answers.map((answer) => answer.expiresAtMs))
  return { canonicalName, aliases, addresses, proof, expiresAtMs }
}

type Family = { readonly version: 4 | 6; readonly type: string } & (
  | { readonly answer: Answer<string> }
  | { readonly failure: Error }
)

async function ask(
  host: Name,
  version: 4 | 6,
  type: RecordType<string>,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Family> {
  try {
    return { version, type: type.mnemonic, answer: await lookup(host, type, { signal }) }
  } catch (failure) {
    if (isPortolanError(failure)) return { version, type: type.mnemonic, failure }
    throw failure
  }
}

/**
 * A bogus family strikes the target out (RFC 7673 §3.2). One that nobody answered does so too, unless the other is secure
 * or the SRV is not: only then it can hide nothing, for TLSA count with one secure family and never without a secure SRV.
 */
function failureVeto({ host, service }: Target, cause: Error, answers: readonly Answer<string>[]): Veto | undefined {
  const name = displayName(host)
  if (cause instanceof LookupError && cause.security === 'bogus') {
    return new Veto('core/address-bogus', `an address of ${name} cannot be trusted: ${cause.message}`, { cause })
  }
  const answered = answers.filter(({ records }) => records.length > 0)
  const hidesNothing = service.proof.security !== 'secure' || answered.some(({ proof }) => proof.security === 'secure')
  if (answered.length > 0 && hidesNothing) return undefined
  return new Veto('core/address-lookup-failed', `nobody answered about an address of ${name}: ${cause.message}`, {
    cause,
  })
}

/** The answer that speaks for the target: one with records, rather a secure one. */
function standsBefore(a: Answer<string>, b: Answer<string>): boolean {
  if (b.records.length === 0) return true
  return a.records.length > 0 && (a.proof.security === 'secure' || b.proof.security !== 'secure')
}

function addressesOf(family: 4 | 6, { records, proof }: Answer<string>): readonly Address[] {
  return records.map((address) => ({ family, address, proof }))
}

function noAddress(host: Name, answers: readonly Answer<string>[]): Veto {
  const missing = answers.some(({ absence }) => absence === 'nxdomain')
  return new Veto(
    missing ? 'core/no-such-host' : 'core/no-address',
    missing ? `${displayName(host)} does not exist` : `${displayName(host)} has neither A nor AAAA records`,
  )
}
