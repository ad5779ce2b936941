/** Messages in a stream, each behind its length in two octets (RFC 1035 §4.2.2, RFC 7766 §8). */
import { joined } from './rdata.ts'

const LENGTH_OCTETS = 2

/** The message with its length before it: one write, since some servers want one segment (RFC 7766 §8). */
export function framed(message: Uint8Array): Uint8Array {
  return joined([Uint8Array.of(message.length >> 8, message.length & 0xff), message])
}

export interface FrameReader {
  /** The messages that this chunk completes. */
  push(chunk: Uint8Array): readonly Uint8Array[]
  /** Octets of a message, or of a length, whose rest is missing. */
  readonly pendingOctets: number
}

/** Holds at most one message of 65,535 octets and one chunk; each octet is copied once, however small the chunks are. */
export function frameReader(): FrameReader {
  let chunks: Uint8Array[] = []
  let pending = 0
  return {
    get pendingOctets() {
      return pending
    },
    push(chunk) {
      chunks.push(chunk)
      pending += chunk.length
      const needed = neededOctets(chunks)
      if (needed === undefined || pending < needed) return []
      const whole = joined(chunks)
      const messages: Uint8Array[] = []
      let at = 0
      for (let end = endOfFrame(whole, at); end !== undefined; end = endOfFrame(whole, at)) {
        messages.push(whole.subarray(at + LENGTH_OCTETS, end))
        at = end
      }
      chunks = at === whole.length ? [] : [whole.subarray(at)]
      pending = whole.length - at
      return messages
    },
  }
}

/** Octets until the end of the first message; `undefined` where not even its length is there. */
function neededOctets(chunks: readonly Uint8Array[]): number | undefined {
  const length: number[] = []
  for (const chunk of chunks) {
    for (const octet of chunk.subarray(0, LENGTH_OCTETS - length.length)) length.push(octet)
    const [high, low] = length
    if (high !== undefined && low !== undefined) return LENGTH_OCTETS + ((high << 8) | low)
  }
  return undefined
}

function endOfFrame(octets: Uint8Array, at: number): number | undefined {
  const [high, low] = octets.subarray(at, at + LENGTH_OCTETS)
  if (high === undefined || low === undefined) return undefined
  const end = at + LENGTH_OCTETS + ((high << 8) | low)
  return end <= octets.length ? end : undefined
}
