/** A: an IPv4 address (RFC 1035 §3.4.1). */
import { MalformedRecordError } from './errors.ts'
import type { RecordType } from './records.ts'

/** Dotted decimal. */
export const A: RecordType<string> = {
  mnemonic: 'A',
  code: 1,
  decode(rdata) {
    if (rdata.length !== 4) throw new MalformedRecordError('A', `${rdata.length} octets, expected 4`)
    return rdata.join('.')
  },
  encode(address) {
    const parts = address.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256))
    if (parts.length !== 4 || parts.some((part) => part > 255)) {
      throw new MalformedRecordError('A', `${JSON.stringify(address)} is no IPv4 address`)
    }
    return Uint8Array.from(parts)
  },
}
