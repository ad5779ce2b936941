/** Records sorted into RRsets with the signatures that cover them (RFC 2181 §5, RFC 4034 §3). */
import { type Name, type RawRecord, type Rrset, rdataLayout } from '@portolan/core'
import { CLASS_IN, type MessageRecord } from './message.ts'
import { expandName } from './wire-names.ts'

const RRSIG = 46
const LOWERED: readonly number[] = Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
)

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
export function rrsetsOf(
  section: readonly MessageRecord[],
  elsewhere: readonly MessageRecord[] = [],
): readonly Rrset[] {
  const groups = new Map<string, Group>()
  const seen: Seen = new Map()
  for (const message of section) {
    if (message.class !== CLASS_IN) continue
    const group = groupOf(groups, message.name, coveredType(message))
    add(seen, message.type === RRSIG ? group.signatures : group.records, message)
  }
  const unsigned = new Set([...groups.values()].filter(({ signatures }) => signatures.length === 0))
  for (const message of unsigned.size === 0 ? [] : elsewhere) {
    if (message.class !== CLASS_IN || message.type !== RRSIG) continue
    const group = groups.get(keyOf(message.name, coveredType(message)))
    if (group !== undefined && unsigned.has(group)) add(seen, group.signatures, message)
  }
  return [...groups.values()]
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
  const layout = rdataLayout(type)
  let at = 0
  let text = ''
  const take = (end: number, lower: boolean) => {
    for (; at < end; at++) text += String.fromCharCode(lower ? (LOWERED[rdata[at] ?? 0] ?? 0) : (rdata[at] ?? 0))
  }
  for (const field of layout?.lowered ? layout.fields : []) {
    if (field === 'name') take(expandName(rdata, at, false).end, true)
    else take(field === 'character-string' ? at + 1 + (rdata[at] ?? 0) : at + field, false)
  }
  take(rdata.length, false)
  return text
}
