/** CNAME (RFC 1035 §3.3.1) and DNAME (RFC 6672): the two aliases. */
import { isAtOrBelow, type Name, nameToWire, parseName, ROOT } from './name.ts'
import type { RecordType } from './records.ts'
import { wholeName } from './srv.ts'

function aliasType(mnemonic: 'CNAME' | 'DNAME', code: number): RecordType<Name> {
  return { mnemonic, code, decode: (rdata) => wholeName(mnemonic, rdata, 0), encode: nameToWire }
}

export const CNAME: RecordType<Name> = aliasType('CNAME', 5)
export const DNAME: RecordType<Name> = aliasType('DNAME', 39)

/**
 * What a DNAME makes of a name below its owner (RFC 6672 §2.2); `undefined` where the name is not below it.
 * @throws InvalidNameError where the result passes 255 octets (the server's YXDOMAIN)
 */
export function substituted(name: Name, owner: Name, target: Name): Name | undefined {
  if (name === owner || !isAtOrBelow(name, owner)) return undefined
  const kept = owner === ROOT ? name : name.slice(0, -owner.length)
  return parseName(target === ROOT ? kept : `${kept}${target}`)
}
