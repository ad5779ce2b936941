/** Denial by NSEC (RFC 4035 §5.4, RFC 6840 §4, RFC 4470, RFC 9824): each function is one question to the evidence. */
import { isAtOrBelow, labelsOf, type Name, parentOf, prefixed } from '@portolan/core'
import type { NsecRecord } from './evidence.ts'
import { orderOf, rightmostLabels } from './records/canonical.ts'
import { hidesWhatIsBelow, lacksType, saysNoSuchName } from './types-at-name.ts'

/** What denial records prove of a name and type; `undefined` is nothing. */
export interface DenialFinding<R> {
  readonly kind: 'nodata' | 'nxdomain'
  readonly records: readonly R[]
  /** Types at the name itself, where its own record matched. */
  readonly types?: ReadonlySet<number> | undefined
  /** Rests on opt-out: there may be an unsigned delegation (RFC 5155 §9.2). */
  readonly isOptOut?: boolean | undefined
  /** Proves only that an unsigned delegation could be there; whether it is, the DS question tells. */
  readonly isOpen?: boolean | undefined
  /** The name is an empty non-terminal, beside everything that its absence would need but that. */
  readonly isLikeNxdomain?: boolean | undefined
}

/** A name, and where it stands among others. */
interface Place {
  readonly name: Name
  readonly order: string
}

function placeOf(name: Name): Place {
  return { name, order: orderOf(name) }
}

/** Whether the name lies strictly between owner and next name (RFC 4034 §4.1.1), and the record may speak of it. */
function covers(record: NsecRecord, { name, order }: Place, zone: Name): boolean {
  const { owner, nextName, types, ownerOrder, nextOrder } = record
  if (ownerOrder >= order) return false
  const isLast = nextOrder <= ownerOrder
  // The last NSEC of a zone points back to the apex and to nothing else.
  if (isLast ? nextName !== zone : order >= nextOrder) return false
  // RFC 6840 §4.1: what is below a cut or a DNAME is not the record's to deny.
  return !(isAtOrBelow(name, owner) && hidesWhatIsBelow(types))
}

/** The name has no records, but something below it has (RFC 4592 §2.2.2). */
function isEmptyNonTerminal({ nextName }: NsecRecord, name: Name): boolean {
  return nextName !== name && isAtOrBelow(nextName, name)
}

/** The longest ancestor that the covering record shows to exist: shared with its owner or its next name (RFC 4592 §3.3.1). */
function closestEncloser({ owner, nextName }: NsecRecord, name: Name): Name {
  const shared = Math.max(sharedLabels(owner, name), sharedLabels(nextName, name))
  return rightmostLabels(name, shared)
}

function sharedLabels(a: Name, b: Name): number {
  const left = labelsOf(a)
  const right = labelsOf(b)
  let count = 0
  while (count < Math.min(left.length, right.length) && left.at(-1 - count) === right.at(-1 - count)) count++
  return count
}

/** The record that shows that the name does not exist, not even as an empty non-terminal. */
function denier(records: readonly NsecRecord[], place: Place, zone: Name): NsecRecord | undefined {
  return records.find((record) => covers(record, place, zone) && !isEmptyNonTerminal(record, place.name))
}

/** The record that shows that the name is an empty non-terminal. */
function emptyNonTerminalRecord(records: readonly NsecRecord[], place: Place, zone: Name): NsecRecord | undefined {
  return records.find((record) => covers(record, place, zone) && isEmptyNonTerminal(record, place.name))
}

/** What the records prove of the absence of `type` at `name`. */
export function nsecDenial(
  records: readonly NsecRecord[],
  name: Name,
  type: number,
  zone: Name,
): DenialFinding<NsecRecord> | undefined {
  const own = records.find(({ owner }) => owner === name)
  if (own !== undefined) {
    if (saysNoSuchName(own.types)) return { kind: 'nxdomain', records: [own], types: own.types }
    return lacksType(own.types, name, type) ? { kind: 'nodata', records: [own], types: own.types } : undefined
  }
  const place = placeOf(name)
  const above = emptyNonTerminalRecord(records, place, zone)
  if (above !== undefined) {
    const parent = parentOf(name)
    const wildcard = parent === undefined ? undefined : wildcardAt(parent)
    const noWildcard = wildcard === undefined ? undefined : denier(records, placeOf(wildcard), zone)
    return { kind: 'nodata', records: [above], isLikeNxdomain: noWildcard !== undefined }
  }
  const cover = denier(records, place, zone)
  if (cover === undefined) return undefined
  const wildcard = wildcardAt(closestEncloser(cover, name))
  if (wildcard === undefined) return { kind: 'nxdomain', records: [cover] }
  const atWildcard = records.find(({ owner }) => owner === wildcard)
  if (atWildcard !== undefined) {
    if (saysNoSuchName(atWildcard.types)) return { kind: 'nxdomain', records: [cover, atWildcard] }
    return lacksType(atWildcard.types, wildcard, type) ? { kind: 'nodata', records: [cover, atWildcard] } : undefined
  }
  // The wildcard itself is one: something stands below it, and it has nothing to expand (RFC 4592 §2.2.2).
  const wildcardPlace = placeOf(wildcard)
  const emptyWildcard = emptyNonTerminalRecord(records, wildcardPlace, zone)
  if (emptyWildcard !== undefined) return { kind: 'nodata', records: [cover, emptyWildcard] }
  const noWildcard = denier(records, wildcardPlace, zone)
  return noWildcard === undefined ? undefined : { kind: 'nxdomain', records: [cover, noWildcard] }
}

/**
 * That no closer name than the wildcard exists (RFC 4035 §5.3.4): the name is denied, and its closest encloser is the
 * wildcard's own parent, with `encloserLabels` labels.
 */
export function nsecProvesExpansion(
  records: readonly NsecRecord[],
  name: Name,
  encloserLabels: number,
  zone: Name,
): NsecRecord | undefined {
  const cover = denier(records, placeOf(name), zone)
  if (cover === undefined || labelsOf(closestEncloser(cover, name)).length !== encloserLabels) return undefined
  return cover
}

/** `undefined` where no such name fits into 255 octets, so that none can exist. */
export function wildcardAt(encloser: Name): Name | undefined {
  try {
    return prefixed('*', encloser)
  } catch {
    return undefined
  }
}
