/** What a record type is: a value that carries its own codec; and where names lie in rdata, which must be expanded or lowered. */

/**
 * How rdata begins, as far as its last name: a number of octets, a <character-string> (RFC 1035 §3.3), or a name.
 * What follows is opaque.
 */
export type RdataField = number | 'character-string' | 'name'

export interface RdataLayout {
  readonly fields: readonly RdataField[]
  /** Only the types of RFC 1035 (RFC 3597 §4), and a few more that receivers must still expand. */
  readonly mayBeCompressed: boolean
  /** Whether canonical form lowers these names (RFC 4034 §6.2 as corrected by RFC 6840 §5.1). */
  readonly lowered: boolean
}

/** A record type: mnemonic, code (IANA) and codec. Adding one edits no central switch. */
export interface RecordType<T> {
  readonly mnemonic: string
  readonly code: number
  /** @throws MalformedRecordError for anything that is not such rdata (names in it are expanded already) */
  decode(rdata: Uint8Array): T
  encode(value: T): Uint8Array
}

/** One record as it came: names expanded but in the case that they had. */
export interface RawRecord {
  readonly ownerOctets: Uint8Array
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: Uint8Array
}

const NAME: RdataLayout = { fields: ['name'], mayBeCompressed: true, lowered: true }
const TWO_NAMES: RdataLayout = { fields: ['name', 'name'], mayBeCompressed: true, lowered: true }
const AFTER_TWO: RdataLayout = { fields: [2, 'name'], mayBeCompressed: true, lowered: true }

/** Types with names in their rdata (RFC 4034 §6.2, RFC 3597 §4); by code, because the reader meets types that nobody asked for. */
const LAYOUTS: ReadonlyMap<number, RdataLayout> = new Map([
  [2, NAME], // NS
  [3, NAME], // MD
  [4, NAME], // MF
  [5, NAME], // CNAME
  [6, TWO_NAMES], // SOA
  [7, NAME], // MB
  [8, NAME], // MG
  [9, NAME], // MR
  [12, NAME], // PTR
  [14, TWO_NAMES], // MINFO
  [15, AFTER_TWO], // MX
  [17, TWO_NAMES], // RP
  [18, AFTER_TWO], // AFSDB
  [21, AFTER_TWO], // RT
  [24, { fields: [18, 'name'], mayBeCompressed: true, lowered: true }], // SIG
  [26, { fields: [2, 'name', 'name'], mayBeCompressed: true, lowered: true }], // PX
  [30, NAME], // NXT
  [33, { fields: [6, 'name'], mayBeCompressed: true, lowered: true }], // SRV
  [
    35,
    {
      fields: [4, 'character-string', 'character-string', 'character-string', 'name'],
      mayBeCompressed: true,
      lowered: true,
    },
  ], // NAPTR
  [36, AFTER_TWO], // KX
  [39, NAME], // DNAME
  [46, { fields: [18, 'name'], mayBeCompressed: false, lowered: true }], // RRSIG
  [47, { fields: ['name'], mayBeCompressed: false, lowered: false }], // NSEC
])

/** Where names lie in the rdata of a type; `undefined` where it has none or the type is unknown. */
export function rdataLayout(type: number): RdataLayout | undefined {
  return LAYOUTS.get(type)
}

/**
 * Rdata with the letters of its names lowered, for the types where that is so (RFC 4034 §6.2, RFC 6840 §5.1); the same
 * octets, not a copy, where there is nothing to lower.
 */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const layout = rdataLayout(type)
  if (layout === undefined || !layout.lowered || !hasCapital(rdata)) return rdata
  const lowered = rdata.slice()
  let at = 0
  for (const field of layout.fields) {
    if (typeof field === 'number') at += field
    else if (field === 'character-string') at += 1 + (lowered[at] ?? 0)
    else at = lowerName(lowered, at)
  }
  return lowered
}

/** Without a call for each octet: an answer may hold a thousand names, and in a process that has just begun calls are dear. */
function hasCapital(octets: Uint8Array): boolean {
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number
    if (octet >= 0x41 && octet <= 0x5a) return true
  }
  return false
}

function isCapital(octet: number): boolean {
  return octet >= 0x41 && octet <= 0x5a
}

/** Lowers in place, ends at the root label or where the octets do; returns the place after. */
function lowerName(octets: Uint8Array, offset: number): number {
  let at = offset
  for (;;) {
    const length = octets[at++] ?? 0
    if (length === 0) return at
    for (const end = Math.min(at + length, octets.length); at < end; at++) {
      const octet = octets[at] as number
      if (isCapital(octet)) octets[at] = octet + 0x20
    }
  }
}

/** `TYPE65280` for a code without mnemonic (RFC 3597 §5). */
export function typeText(type: number): string {
  return MNEMONICS.get(type) ?? `TYPE${type}`
}

const MNEMONICS: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [29, 'LOC'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [39, 'DNAME'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [47, 'NSEC'],
  [48, 'DNSKEY'],
  [50, 'NSEC3'],
  [51, 'NSEC3PARAM'],
  [52, 'TLSA'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [255, 'ANY'],
])
