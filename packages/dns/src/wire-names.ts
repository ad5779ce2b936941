/** Domain names inside a message: compression followed within strict bounds (RFC 1035 §4.1.4). */
import { type Name, nameFromWire } from '@portolan/core'
import { MalformedMessageError } from './errors.ts'

const HEADER_OCTETS = 12
const MAX_NAME_OCTETS = 255
/** A name has at most 127 labels, and an honest pointer leads to at least one of them. */
const MAX_POINTERS = 127
/** Reading is synchronous, so one place to gather a name's octets serves all messages. */
const gathered = new Uint8Array(MAX_NAME_OCTETS)

/** A name without compression, its octets in the case that they had, and the offset behind it in the message. */
export interface ExpandedName {
  readonly octets: Uint8Array
  readonly end: number
}

export interface OwnerName extends ExpandedName {
  readonly name: Name
}

/**
 * Takes the name at `offset` out of the message. Each pointer must lead before the part of the name that holds it, so
 * that reading always ends; and not into the header, where no name stands.
 * @throws MalformedMessageError
 */
export function expandName(message: Uint8Array, offset: number, mayBeCompressed: boolean): ExpandedName {
  let length = 0
  let at = offset
  let partStart = offset
  let end: number | undefined
  let pointers = 0
  for (;;) {
    const octet = message[at]
    if (octet === undefined) throw new MalformedMessageError('it ends inside a name', at)
    if (octet < 0x40) {
      length += 1 + octet
      if (length > MAX_NAME_OCTETS) throw new MalformedMessageError('a name has more than 255 octets', at)
      at += 1 + octet
      if (octet !== 0) continue
      // Where no pointer was followed the message itself has the name in one piece.
      if (end === undefined) return { octets: message.subarray(offset, at), end: at }
      gather(message, partStart, at, length)
      return { octets: gathered.slice(0, length), end }
    }
    const low = message[at + 1]
    if (octet < 0xc0) throw new MalformedMessageError('a label of an unknown kind', at)
    if (!mayBeCompressed) throw new MalformedMessageError('a compressed name where none may be', at)
    if (low === undefined) throw new MalformedMessageError('it ends inside a pointer', at)
    const target = ((octet & 0x3f) << 8) | low
    if (target >= partStart || target < HEADER_OCTETS) {
      throw new MalformedMessageError(`a name points to octet ${target}, where no earlier name can be`, at)
    }
    if (++pointers > MAX_POINTERS) throw new MalformedMessageError('a name with more than 127 pointers', at)
    gather(message, partStart, at, length)
    end ??= at + 2
    at = target
    partStart = target
  }
}

/** Copies the part of a name that ends at `partEnd`, and with it so many octets of the name. */
function gather(message: Uint8Array, partStart: number, partEnd: number, length: number): void {
  for (let from = partStart, to = length - (partEnd - partStart); from < partEnd; from++, to++) {
    gathered[to] = message[from] as number
  }
}

/** Reads owner names; the usual one, a pointer to a name that was read before, costs a look-up in a map. */
export function ownerReader(message: Uint8Array): (offset: number) => OwnerName {
  const known = new Map<number, OwnerName>()
  const read = (offset: number): OwnerName => {
    const { octets, end } = expandName(message, offset, true)
    const owner = { name: nameFromWire(octets).name, octets, end }
    known.set(offset, owner)
    return owner
  }
  return (offset) => {
    const first = message[offset]
    const low = message[offset + 1]
    if (first === undefined || low === undefined || first < 0xc0) return read(offset)
    const { name, octets } = known.get(((first & 0x3f) << 8) | low) ?? read(offset)
    return { name, octets, end: offset + 2 }
  }
}
