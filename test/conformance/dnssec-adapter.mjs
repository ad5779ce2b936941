/** Puts the built packages behind the interface of the DNSSEC vectors: one frozen Internet, one question, one verdict. */
import { canonicalRdata, isPortolanError, parseName, typeText } from '../../packages/core/dist/index.js'
import { readReply } from '../../packages/dns/dist/index.js'
import { validated } from '../../packages/dnssec/dist/index.js'
import { judgeWorld } from './dnssec-world.mjs'

/** @returns {Promise<{ security: string, rcode?: string, answer?: string[], reason: string }>} */
export async function verdict(world) {
  try {
    return await judgeWorld(world, { parseName, typeText, readReply, validated, canonicalRdata })
  } catch (error) {
    // A reply that is no DNS message is no answer: to the oracles a failure like any other.
    if (!isPortolanError(error)) throw error
    return { security: 'bogus', reason: error.message }
  }
}
