/** Rdata of others, which may be malformed: then there is no value, and whoever reads it goes on without. */
import { isPortolanError } from '@portolan/core'
import { RRSIG, type Rrsig } from './records/rrsig.ts'

/** `undefined` where the octets are no such rdata. */
export function decoded<T>(decode: (rdata: Uint8Array) => T, rdata: Uint8Array): T | undefined {
  try {
    return decode(rdata)
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return undefined
  }
}

const signatures = new WeakMap<Uint8Array, { readonly rrsig: Rrsig | undefined }>()

/** Reads an RRSIG once, however often its fields are looked at. Rdata is never written to. */
export function decodedSignature(rdata: Uint8Array): Rrsig | undefined {
  const known = signatures.get(rdata)
  if (known !== undefined) return known.rrsig
  const rrsig = decoded(RRSIG.decode, rdata)
  signatures.set(rdata, { rrsig })
  return rrsig
}
