/** What a type bit map says of a name: shared by NSEC and NSEC3 (RFC 4035 §5.4, RFC 5155 §8, RFC 6840 §4, RFC 9824). */
import { CNAME, DNAME, type Name, ROOT } from '@portolan/core'
import { DS } from './records/ds.ts'
import { NSEC } from './records/nsec.ts'
import { NSEC3 } from './records/nsec3.ts'
import { RRSIG } from './records/rrsig.ts'
import { NS, NXNAME, SOA } from './type-codes.ts'

const BESIDE_NXNAME: ReadonlySet<number> = new Set([RRSIG.code, NSEC.code, NSEC3.code, NXNAME])

type Types = ReadonlySet<number>

/** The parent's side of a cut: NS without SOA (RFC 6840 §4.4). */
export function isDelegation(types: Types): boolean {
  return types.has(NS) && !types.has(SOA)
}

/** A record of such a name must not be used to deny anything below it (RFC 6840 §4.1, RFC 6672 §5.3.4.1). */
export function hidesWhatIsBelow(types: Types): boolean {
  return isDelegation(types) || types.has(DNAME.code)
}

/** Compact denial (RFC 9824 §3.1): nothing may stand beside NXNAME but what denial itself brings. */
export function saysNoSuchName(types: Types): boolean {
  return types.has(NXNAME) && [...types].every((type) => BESIDE_NXNAME.has(type))
}

/** Whether the bit map of the name's own denial record shows that it has no such type. */
export function lacksType(types: Types, name: Name, type: number): boolean {
  if (types.has(type) || types.has(CNAME.code)) return false
  // The DS stands at the parent: the child's own apex says nothing about it. The root has no parent.
  if (type === DS.code) return name === ROOT || !types.has(SOA)
  return !isDelegation(types)
}
