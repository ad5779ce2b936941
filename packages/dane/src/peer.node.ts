/** Opens what a TLS server showed, and words a refusal of it. */

import { openCertificate } from './certificate.node.ts'
import { type Certificate, describe } from './certificate.ts'
import { toHex } from './der.ts'
import type { Fault } from './fault.ts'
import { associationData } from './match.node.ts'
import { formatTlsa, type Tlsa } from './tlsa.ts'
import type { Refusal } from './verdict.ts'

/** More than any real server sends; what follows is not looked at. */
const MAX_CERTIFICATES = 64

/** Certificates that a refusal describes: each has to be read for it. */
const MAX_SHOWN = 8

export interface Peer {
  readonly leaf: Certificate
  /** Candidate issuers: those that can be read, each once, those of DNS first, which are nearest to a match. */
  readonly others: readonly Certificate[]
}

/** @param fromDns certificates of full records: a server may leave out what DNS has (RFC 7671 §5.2.2) */
export function openPeer(chain: readonly Uint8Array[], fromDns: readonly Uint8Array[] = []): Peer | Fault {
  const [first, ...rest] = chain
  if (first === undefined) return { code: 'no-certificate', detail: 'the server showed no certificate' }
  const leaf = openCertificate(first)
  if (leaf === undefined) return { code: 'malformed-certificate', detail: "the server's certificate cannot be read" }
  const opened = [...fromDns, ...rest.slice(0, MAX_CERTIFICATES)].map(openCertificate)
  // The same octets give the same object, so a set is enough to drop doubles.
  const distinct = new Set(opened.filter((certificate) => certificate !== undefined))
  distinct.delete(leaf)
  return { leaf, others: [...distinct] }
}

/** A refusal that tells an operator what to mend. */
export function refusal(fault: Fault, chain: readonly Uint8Array[], records: readonly Tlsa[] = []): Refusal {
  const leaf = chain[0] && openCertificate(chain[0])
  const wouldMatch = leaf && `3 1 1 ${toHex(associationData(leaf, 1, 1))}`
  const facts = { records: records.map(formatTlsa), shown: chain.slice(0, MAX_SHOWN).map(show), wouldMatch }
  const published = records.length === 0 ? [] : [`Published: ${facts.records.map(shortened).join(', ')}.`]
  const shown = [`Shown: ${facts.shown.slice(0, 4).join('; ') || 'nothing'}.`]
  const hint =
    records.length > 0 && wouldMatch ? [`If that key is the server's own, this record would match: ${wouldMatch}`] : []
  return {
    decision: 'refuse',
    code: fault.code,
    detail: [`${fault.detail}.`, ...published, ...shown, ...hint].join(' '),
    facts,
  }
}

function show(der: Uint8Array): string {
  const certificate = openCertificate(der)
  if (certificate === undefined) return `${der.length} octets that are no certificate`
  const ends = certificate.fields && `, valid until ${new Date(certificate.fields.notAfterMs).toISOString()}`
  return `${describe(certificate)}${ends ?? ''}`
}

function shortened(record: string): string {
  return record.length > 150 ? `${record.slice(0, 60)}…` : record
}
