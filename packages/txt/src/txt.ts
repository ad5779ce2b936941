/** TXT: character-strings, whose octets mean what their reader says (RFC 1035 §3.3.14). */
import { MalformedRecordError, type RecordType } from '@portolan/core'

/** Each string has 0 to 255 octets of any value. */
export type Txt = readonly Uint8Array[]

const MAX_STRING_OCTETS = 255
const MAX_RDATA_OCTETS = 65_535

export const TXT: RecordType<Txt> = {
  mnemonic: 'TXT',
  code: 16,
  decode(rdata) {
    // Not legal, but to be taken for a single empty string (RFC 6763 §6.1).
    if (rdata.length === 0) return [new Uint8Array()]
    const strings: Uint8Array[] = []
    for (let at = 0; at < rdata.length; ) {
      const start = at + 1
      const length = rdata[at] ?? 0
      if (start + length > rdata.length) {
        throw new MalformedRecordError('TXT', `a string of ${length} octets with ${rdata.length - start} left`)
      }
      at = start + length
      strings.push(rdata.slice(start, at)) // a copy: the message that it came in may be large
    }
    return strings
  },
  encode(strings) {
    if (strings.length === 0) throw new MalformedRecordError('TXT', 'no string, at least one is needed')
    const tooLong = strings.find(({ length }) => length > MAX_STRING_OCTETS)
    if (tooLong !== undefined) {
      throw new MalformedRecordError('TXT', `a string of ${tooLong.length} octets, at most ${MAX_STRING_OCTETS} fit`)
    }
    const octets = strings.flatMap((string) => [string.length, ...string])
    if (octets.length > MAX_RDATA_OCTETS) {
      throw new MalformedRecordError('TXT', `${octets.length} octets, at most ${MAX_RDATA_OCTETS} fit`)
    }
    return Uint8Array.from(octets)
  },
}
