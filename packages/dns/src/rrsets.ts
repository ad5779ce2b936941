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

/** RRsets of class IN in the order of their first records, each record once. */
export function rrsetsOf(section: readonly MessageRecord[]): readonly Rrset[] {
  const groups = new Map<string, Group>()
  const seen: Seen = new Map()
  for (const { name, class: recordClass, type, ownerOctets, ttlSeconds, rdata } of section) {
    if (recordClass !== CLASS_IN) continue
    const covered = type === RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : type
    const group = groupOf(groups, name, covered)
    const list = type === RRSIG ? group.signatures : group.records
    const record = { ownerOctets, type, ttlSeconds, rdata }
    if (list.length === 0 || isNew(seen, list, record)) list.push(record)
  }
  return [...groups.values()]
}

function groupOf(groups: Map<string, Group>, owner: Name, type: number): Group {
  const key = `${type} ${owner}`
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
