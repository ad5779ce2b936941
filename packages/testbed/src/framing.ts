/** DNS messages on a stream: each after two octets that say its length (RFC 1035 §4.2.2). */

const LENGTH_OCTETS = 2

export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 0xff, ...message])
}

/** Takes a stream's pieces and hands on its messages, however they were split or joined on the way. */
export function messagesOf(received: (message: Uint8Array) => void): (piece: Uint8Array) => void {
  let pending: Uint8Array = new Uint8Array()
  return (piece) => {
    pending = Uint8Array.from([...pending, ...piece])
    for (;;) {
      const [high, low] = pending
      if (high === undefined || low === undefined) return
      const end = LENGTH_OCTETS + ((high << 8) | low)
      if (pending.length < end) return
      received(pending.slice(LENGTH_OCTETS, end))
      pending = pending.slice(end)
    }
  }
}
