/** What a type bit map says of a name: shared by NSEC and NSEC3 (RFC 4035 §5.4, RFC 5155 §8, RFC 6840 §4, RFC 9824). */
import { type Name, ROOT } from '@portolan/core'

const NS = 2
const CNAME = 5
const SOA = 6
const DNAME = 39
const DS = 43
const RRSIG = 46
const NSEC = 47
const NSEC3 = 50
/** RFC 9824 §2: a synthetic type that says "this name does not exist". */
const NXNAME = 128
const BESIDE_NXNAME: ReadonlySet<number> = new Set([RRSIG, NSEC, NSEC3, NXNAME])

type Types = ReadonlySet<number>

/** The parent's side of a cut: NS without SOA (RFC 6840 §4.4). */
export function isDelegation(types: Types): boolean {
  return types.has(NS) && !types.has(SOA)
}

/** A record of such a name must not be used to deny anything below it (RFC 6840 §4.1, RFC 6672 §5.3.4.1). */
export function hidesWhatIsBelow(types: Types): boolean {
  return isDelegation(types) || types.has(DNAME)
}

/** Compact denial (RFC 9824 §3.1): nothing may stand beside NXNAME but what denial itself brings. */
export function saysNoSuchName(types: Types): boolean {
  return types.has(NXNAME) && [...types].every((type) => BESIDE_NXNAME.has(type))
}

/** Whether the bit map of the name's own denial record shows that it has no such type. */
export function lacksType(types: Types, name: Name, type: number): boolean {
  if (types.has(type) || types.has(CNAME)) return false
  // The DS stands at the parent: the child's own apex says nothing about it. The root has no parent.
  if (type === DS) return name === ROOT || !types.has(SOA)
  return !isDelegation(types)
}
