/** RDATA out of a message: exactly RDLENGTH octets, names in them expanded where the type is known to have them. */
import { rdataLayout } from '@portolan/core'
import { MalformedMessageError } from './errors.ts'
import { expandName } from './wire-names.ts'

/**
 * The rdata that stands from `start` to `end` in the message, with its names expanded and in the case that they had.
 * Unknown types stay as they are (RFC 3597 §4).
 * @throws MalformedMessageError where a known type's fields or names do not fit into these octets
 */
export function expandRdata(message: Uint8Array, type: number, start: number, end: number): Uint8Array {
  const layout = rdataLayout(type)
  if (layout === undefined) return message.subarray(start, end)
  const parts: Uint8Array[] = []
  let copiedTo = start
  let at = start
  for (const field of layout.fields) {
    if (field === 'name') {
      const name = expandName(message, at, layout.mayBeCompressed)
      // Of equal length is only what had no pointer, and that stays where it is.
      if (name.octets.length !== name.end - at) {
        parts.push(message.subarray(copiedTo, at), name.octets)
        copiedTo = name.end
      }
      at = name.end
    } else if (field === 'character-string') {
      at += 1 + (message[at] ?? 0)
    } else at += field
    if (at > end) throw new MalformedMessageError('rdata is longer than its RDLENGTH says', start)
  }
  if (parts.length === 0) return message.subarray(start, end)
  parts.push(message.subarray(copiedTo, end))
  return joined(parts)
}

/** One array of several. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
