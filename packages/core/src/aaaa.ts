/** AAAA: an IPv6 address (RFC 3596), as text in the form of RFC 5952. */
import { A } from './a.ts'
import { MalformedRecordError } from './errors.ts'
import type { RecordType } from './records.ts'

export const AAAA: RecordType<string> = {
  mnemonic: 'AAAA',
  code: 28,
  decode(rdata) {
    if (rdata.length !== 16) throw new MalformedRecordError('AAAA', `${rdata.length} octets, expected 16`)
    const groups = Array.from({ length: 8 }, (_, i) => ((rdata[2 * i] ?? 0) << 8) | (rdata[2 * i + 1] ?? 0))
    return shortened(groups)
  },
  encode(address) {
    const fail = () => new MalformedRecordError('AAAA', `${JSON.stringify(address)} is no IPv6 address`)
    const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
    const text = embedded ? `${embedded[1]}${dottedAsGroups(embedded[2] as string)}` : address
    const halves = text.split('::')
    if (halves.length > 2) throw fail()
    const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
    const missing = 8 - head.length - (tail?.length ?? 0)
    if (tail === undefined ? missing !== 0 : missing < 1) throw fail()
    const groups = [...head, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...(tail ?? [])]
    if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) throw fail()
    return Uint8Array.from(
      groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
    )
  },
}

function dottedAsGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = A.encode(dotted)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/** RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, becomes `::`. */
function shortened(groups: readonly number[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.length < 2) return hex.join(':')
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`
}
