/** Rdata of others, which may be malformed: then there is no value, and whoever reads it goes on without. */
import { isPortolanError } from '@portolan/core'

/** `undefined` where the octets are no such rdata. */
export function decoded<T>(decode: (rdata: Uint8Array) => T, rdata: Uint8Array): T | undefined {
  try {
    return decode(rdata)
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return undefined
  }
}
