/** Says to an operator what was looked for, what was found, and what to publish. */
import { displayName, type Service } from '@portolan/core'
import type { DaneFact, Gate } from './fact.ts'
import { formatTlsa } from './tlsa.ts'

/** Why a target without usable TLSA is not used in mode `required`. */
export function explainNoUsableTlsa(fact: DaneFact, service: Service): string {
  return [
    'DANE is required, and nothing proves the certificate',
    `looked for  ${displayName(fact.owner)} TLSA, proved by DNSSEC, with the SRV and address records that lead there`,
    `found       ${found(fact, service)}`,
    `publish     ${remedy(fact, service)}`,
    `or give that up by name, then PKIX decides: dane({ mode: 'opportunistic' }); in portolan's connect, dane: 'opportunistic'`,
  ].join('\n    ')
}

function found(fact: DaneFact, service: Service): string {
  switch (fact.state) {
    case 'secure-present':
      return `${fact.records.length} records, of which none is usable (${fact.unusable
        .slice(0, 4)
        .map(({ record, reason }) => `${formatTlsa(record).slice(0, 24)}: ${reason}`)
        .join('; ')})`
    case 'secure-absent':
      return `the proof that there is no such ${fact.absence === 'nxdomain' ? 'name' : 'record'}`
    case 'insecure':
      return `${whose(fact.gate, service)} not secured by DNSSEC (${fact.proof.detail})`
    case 'indeterminate':
      return `${whose(fact.gate, service)} judged by nobody: no DNSSEC validator is composed into this lookup`
    case 'failed':
      return `no answer (${fact.error.message})`
  }
}

function whose(gate: Gate, service: Service): string {
  switch (gate) {
    case 'srv':
      return `the SRV record of ${displayName(service.name)} is`
    case 'alias':
      return 'an alias on the way to the addresses is'
    case 'address':
      return 'the addresses of the host are'
    case 'tlsa':
      return 'the TLSA answer is'
  }
}

function remedy(fact: DaneFact, service: Service): string {
  const record = `${fact.owner} IN TLSA 3 1 1 <SHA-256 of the broker's public key, in hexadecimal>`
  if (fact.state === 'secure-present' || fact.state === 'secure-absent') return record
  if (fact.state === 'indeterminate') return `nothing yet; compose @portolan/dnssec, or trust a resolver's AD bit`
  return `DNSSEC signatures for the zones of ${displayName(service.name)} and ${displayName(fact.owner)}, with their DS records, and ${record}`
}
