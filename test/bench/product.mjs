/** One cold, validated discovery through the default composition, its answers counted by their proof: for comparing with other clients. */
import { composeLookup, discover as discoverBrokers } from 'portolan'

const AMSTERDAM = { latitude: 52.37, longitude: 4.9 }
/** SRV, TXT and LOC of the service; A, AAAA, LOC and TLSA of each target. */
const SERVICE_ANSWERS = 3
const TARGET_ANSWERS = 4

/**
 * @param anchorDs DS records of the only trust anchor, one a line
 * @returns how many answers the job takes, how many came, and what they are worth
 */
export async function discover({ domain, server, anchorDs }) {
  const counts = { want: 0, got: 0, secure: 0, insecure: 0, bogus: 0, failed: 0 }
  const seen = new Set()
  const inner = composeLookup({ servers: [server], trustAnchors: anchorDs.trim().split('\n') })
  const lookup = async (name, type, options) => {
    const question = `${name} ${type.mnemonic}`
    const isNew = !seen.has(question)
    seen.add(question)
    try {
      const answer = await inner(name, type, options)
      if (type.mnemonic === 'SRV') counts.want = SERVICE_ANSWERS + TARGET_ANSWERS * answer.records.length
      if (isNew) {
        counts.got++
        if (answer.proof.security in counts) counts[answer.proof.security]++
      }
      return answer
    } catch (error) {
      if (isNew) counts[error.security === 'bogus' ? 'bogus' : 'failed']++
      throw error
    }
  }
  try {
    await discoverBrokers(domain, { near: AMSTERDAM, dane: 'report', lookup })
  } finally {
    inner.close()
  }
  return counts
}
