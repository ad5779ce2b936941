/** Answers a case of test/vectors/dane with the built package: DANE with all four usages on, else PKIX. */
import { parseDomain } from '@portolan/core'
import { judgeDane, judgePkix } from '@portolan/dane/node'

/** @param {any} vector a case without its expectation */
export async function verify(vector) {
  const evidence = {
    chain: vector.chain.map(octets),
    referenceNames: vector.referenceNames.map(parseDomain),
  }
  const records = vector.tlsa.map(({ dataHex, ...numbers }) => ({ ...numbers, data: Buffer.from(dataHex, 'hex') }))
  const options = {
    usages: [0, 1, 2, 3],
    authLevel: vector.authLevel ?? 0,
    noNameChecks: vector.noNameChecks,
    trustedRoots: vector.trustedCAs.map(octets),
  }
  const byDane = judgeDane(records, evidence, vector.time * 1000, options)
  const verdict = byDane.decision === 'defer-to-pkix' ? judgePkix(evidence, vector.time * 1000, options) : byDane
  return {
    ok: verdict.decision === 'accept',
    matchDepth: verdict.decision === 'accept' ? verdict.matchDepth : null,
    reason: verdict.decision === 'refuse' ? `${verdict.code}: ${verdict.detail}` : verdict.detail,
  }
}

function octets(base64) {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
