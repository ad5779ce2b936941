/** NSEC: the next name of a zone and the types at this one (RFC 4034 §4). */
import { type Name, nameToWire, type RecordType } from '@portolan/core'
import { readName } from './read-name.ts'
import { decodeTypeBitmap, encodeTypeBitmap } from './type-bitmap.ts'

export interface Nsec {
  /** Lowered here for comparing; canonical form keeps the case of the raw rdata (RFC 6840 §5.1). */
  readonly nextName: Name
  readonly types: ReadonlySet<number>
}

export const NSEC: RecordType<Nsec> = {
  mnemonic: 'NSEC',
  code: 47,
  decode(rdata) {
    const next = readName('NSEC', rdata, 0)
    return { nextName: next.name, types: decodeTypeBitmap('NSEC', rdata, next.end) }
  },
  encode({ nextName, types }) {
    return Uint8Array.from([...nameToWire(nextName), ...encodeTypeBitmap(types)])
  },
}
