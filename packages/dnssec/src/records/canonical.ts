/** Canonical form and order of names, records and RRsets (RFC 4034 §6), and what a signature covers (§3.1.8.1). */
import { canonicalRdata, labelsOf, type Name, nameToWire, type RawRecord, ROOT } from '@portolan/core'
import { type Rrsig, rrsigToBeSigned } from './rrsig.ts'

const CLASS_IN = 1

/** Left-justified octets compared as RFC 4034 §6.3 says: where one ends, it stands first. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Canonical order of names (RFC 4034 §6.1): label by label from the right, each by its octets. */
export function compareNames(a: Name, b: Name): number {
  if (a === b) return 0
  return orderOf(a) < orderOf(b) ? -1 : 1
}

/** Text that compares as names do in canonical order: the labels from the right, nothing before everything. */
export function orderOf(name: Name): string {
  const wire = nameToWire(name)
  const labels: string[] = []
  for (let at = 0; wire[at] !== 0; at += 1 + (wire[at] as number)) {
    const octets = wire.subarray(at + 1, at + 1 + (wire[at] as number))
    labels.push(`${String.fromCharCode(...Array.from(octets, (octet) => octet + 1))}\0`)
  }
  return labels.reverse().join('')
}

/** Labels as RRSIG counts them: without the root and without a leading `*` (RFC 4034 §3.1.3). */
export function signedLabelCount(owner: Name): number {
  if (owner === ROOT) return 0
  let dots = 0
  for (let at = owner.indexOf('.'); at >= 0; at = owner.indexOf('.', at + 1)) dots++
  return owner.startsWith('*.') ? dots - 1 : dots
}

/** The rightmost `count` labels of a name; the name itself where it has no more. */
export function rightmostLabels(name: Name, count: number): Name {
  const labels = labelsOf(name)
  if (count >= labels.length) return name
  return (count <= 0 ? ROOT : `${labels.slice(labels.length - count).join('.')}.`) as Name
}

/** The owner that was signed: the wildcard where the labels field is smaller than the owner's count (RFC 4035 §5.3.2). */
function signedOwner(owner: Name, labels: number): Uint8Array {
  if (labels >= signedLabelCount(owner)) return nameToWire(owner)
  return Uint8Array.from([1, 0x2a, ...nameToWire(rightmostLabels(owner, labels))])
}

/** Canonical rdata of a set: ordered, without duplicates (RFC 4034 §6.3, RFC 2181 §5). */
function canonicalSet(type: number, records: readonly Pick<RawRecord, 'rdata'>[]): readonly Uint8Array[] {
  const ordered = records.map(({ rdata }) => canonicalRdata(type, rdata)).sort(compareOctets)
  return ordered.filter((rdata, i) => i === 0 || compareOctets(rdata, ordered[i - 1] as Uint8Array) !== 0)
}

/**
 * What the signature covers (RFC 4034 §3.1.8.1): the RRSIG's rdata without the signature, then each record with the owner
 * that was signed and the original TTL. Signers and validators share it.
 */
export function signedData(
  rrsig: Omit<Rrsig, 'signature'>,
  owner: Name,
  records: readonly Pick<RawRecord, 'rdata'>[],
): Uint8Array {
  const head = rrsigToBeSigned(rrsig)
  const name = signedOwner(owner, rrsig.labels)
  const set = canonicalSet(rrsig.typeCovered, records)
  const each = name.length + 10
  const data = new Uint8Array(head.length + set.reduce((sum, rdata) => sum + each + rdata.length, 0))
  const field = new DataView(data.buffer)
  data.set(head)
  let at = head.length
  for (const rdata of set) {
    data.set(name, at)
    at += name.length
    field.setUint16(at, rrsig.typeCovered)
    field.setUint16(at + 2, CLASS_IN)
    field.setUint32(at + 4, rrsig.originalTtlSeconds)
    field.setUint16(at + 8, rdata.length)
    data.set(rdata, at + 10)
    at += 10 + rdata.length
  }
  return data
}
