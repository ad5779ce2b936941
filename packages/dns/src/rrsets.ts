/** Records sorted into RRsets with the signatures that cover them (RFC 2181 §5, RFC 4034 §3). */
import { canonicalRdata, type Name, type RawRecord, type Rrset } from '@portolan/core'
import { CLASS_IN, type MessageRecord } from './message.ts'
import type { Pieces } from './pieces.ts'

const RRSIG = 46
/** Sorted in one piece. */
const RECORDS_PER_PIECE = 128
/** Many times as fast as a loop in a process that has just begun, and an SRV answer may hold a thousand records. */
const oneCharacterAnOctet = new TextDecoder('latin1')

interface Group extends Rrset {
  readonly records: RawRecord[]
  readonly signatures: RawRecord[]
}

/** What is in a list already, built only when a second record comes: most RRsets have one. */
type Seen = Map<readonly RawRecord[], Set<string>>

/**
 * RRsets of class IN in the order of their first records, each record once.
 * @param elsewhere records of a later section: signatures among them over an RRset that came without join it, because a
 * signature proves what it covers wherever it stands (RFC 4035 §5.3.1 asks for its owner, not for its section)
 */
export function* rrsetsOf(
  section: readonly MessageRecord[],
  elsewhere: readonly MessageRecord[] = [],
): Pieces<readonly Rrset[]> {
  if (section.length === 0) return []
  const groups = new Map<string, Group>()
  const seen: Seen = new Map()
  let group: Group | undefined
  let sorted = 0
  for (const message of section) {
    if (++sorted % RECORDS_PER_PIECE === 0) yield
    if (message.class !== CLASS_IN) continue
    const type = coveredType(message)
    // The next record is mostly of the same RRset.
    if (group?.owner !== message.name || group.type !== type) group = groupOf(groups, message.name, type)
    add(seen, message.type === RRSIG ? group.signatures : group.records, message)
  }
  if (elsewhere.length > 0) addSignatures(groups, elsewhere, seen)
  return [...groups.values()].map(kept)
}

/** Without the room that a list has to grow: replies are kept for long. */
function kept({ owner, type, records, signatures }: Rrset): Rrset {
  return { owner, type, records: records.slice(), signatures: signatures.slice() }
}

/** To those that came without any. */
function addSignatures(groups: ReadonlyMap<string, Group>, elsewhere: readonly MessageRecord[], seen: Seen): void {
  const unsigned = new Set([...groups.values()].filter(({ signatures }) => signatures.length === 0))
  for (const message of elsewhere) {
    if (message.class !== CLASS_IN || message.type !== RRSIG) continue
    const group = groups.get(keyOf(message.name, coveredType(message)))
    if (group !== undefined && unsigned.has(group)) add(seen, group.signatures, message)
  }
}

/** Of an RRSIG the type that it covers, else the record's own. */
function coveredType({ type, rdata }: MessageRecord): number {
  return type === RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : type
}

function add(seen: Seen, list: RawRecord[], { ownerOctets, type, ttlSeconds, rdata }: MessageRecord): void {
  const record = { ownerOctets, type, ttlSeconds, rdata }
  if (list.length === 0 || isNew(seen, list, record)) list.push(record)
}

function keyOf(owner: Name, type: number): string {
  return `${type} ${owner}`
}

function groupOf(groups: Map<string, Group>, owner: Name, type: number): Group {
  const key = keyOf(owner, type)
  const known = groups.get(key)
  if (known !== undefined) return known
  const group: Group = { owner, type, records: [], signatures: [] }
  groups.set(key, group)
  return group
}

function isNew(seen: Seen, list: readonly RawRecord[], record: RawRecord): boolean {
  const identities = seen.get(list) ?? new Set(list.map(comparable))
  seen.set(list, identities)
  const before = identities.size
  return identities.add(comparable(record)).size > before
}

/** RFC 2181 §5 compares data, RFC 4034 §6.2 says that the case of some names is none. */
function comparable({ type, rdata }: RawRecord): string {
  return oneCharacterAnOctet.decode(canonicalRdata(type, rdata))
}
