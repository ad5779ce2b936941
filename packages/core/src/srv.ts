/** SRV: where a service is offered (RFC 2782). */
import { MalformedRecordError } from './errors.ts'
import { type Name, nameFromWire, nameToWire } from './name.ts'
import type { RecordType } from './records.ts'

export interface Srv {
  /** Lower is tried first. */
  readonly priority: number
  readonly weight: number
  readonly port: number
  /** `.` = decidedly not offered. */
  readonly target: Name
}

export const SRV: RecordType<Srv> = {
  mnemonic: 'SRV',
  code: 33,
  decode(rdata) {
    if (rdata.length < 7) throw new MalformedRecordError('SRV', `${rdata.length} octets, expected at least 7`)
    const field = new DataView(rdata.buffer, rdata.byteOffset, rdata.length)
    return {
      priority: field.getUint16(0),
      weight: field.getUint16(2),
      port: field.getUint16(4),
      target: wholeName('SRV', rdata, 6),
    }
  },
  encode({ priority, weight, port, target }) {
    const name = nameToWire(target)
    const rdata = new Uint8Array(6 + name.length)
    const field = new DataView(rdata.buffer)
    field.setUint16(0, priority)
    field.setUint16(2, weight)
    field.setUint16(4, port)
    rdata.set(name, 6)
    return rdata
  },
}

/** The name that fills rdata from `offset` to its end. */
export function wholeName(mnemonic: string, rdata: Uint8Array, offset: number): Name {
  let read: ReturnType<typeof nameFromWire>
  try {
    read = nameFromWire(rdata, offset)
  } catch (cause) {
    throw new MalformedRecordError(mnemonic, cause instanceof Error ? cause.message : String(cause))
  }
  if (read.end !== rdata.length)
    throw new MalformedRecordError(mnemonic, `${rdata.length - read.end} octets after the name`)
  return read.name
}
