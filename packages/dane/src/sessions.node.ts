/** TLS sessions with the chain that was judged when each began: a resumed session shows no certificate. */

export interface HeldSession {
  readonly session: Uint8Array
  /** DER, leaf first, as sent in the full handshake. */
  readonly chain: readonly Uint8Array[]
}

/** Kept by a caller over several connections, and given to each. In memory alone: a session is a secret. */
export interface DaneSessions {
  /** Hands out a session once: TLS 1.3 tickets should not be used again (RFC 8446 §C.4). */
  take(key: string): HeldSession | undefined
  keep(key: string, held: HeldSession): void
  readonly size: number
}

/** @param maxEntries servers; the one that was kept longest ago goes first. Default 100, minimum 1 */
export function daneSessions(maxEntries = 100): DaneSessions {
  const held = new Map<string, HeldSession>()
  return {
    take(key) {
      const session = held.get(key)
      held.delete(key)
      return session
    },
    keep(key, session) {
      held.delete(key)
      held.set(key, session)
      const [oldest] = held.keys()
      if (held.size > Math.max(1, maxEntries) && oldest !== undefined) held.delete(oldest)
    },
    get size() {
      return held.size
    },
  }
}
