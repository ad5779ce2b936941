/** TLS sessions with the chain that was judged when each began: a resumed session shows no certificate. */

export interface HeldSession {
  readonly session: Uint8Array
  /** DER, leaf first, as sent in the full handshake. */
  readonly chain: readonly Uint8Array[]
}

/** Kept by a caller over several connections, and given to each. In memory alone: a session is a secret. */
export interface DaneSessions {
  /** Hands out a session once, the newest first: TLS 1.3 tickets should not be used again (RFC 8446 §C.4). */
  take(key: string): HeldSession | undefined
  keep(key: string, held: HeldSession): void
  /** Servers with at least one session. */
  readonly size: number
}

/** A server gives two tickets with a full handshake, as a rule. */
const MAX_SESSIONS_PER_SERVER = 4

/** @param maxServers the one that was heard of longest ago goes first. Default 100, minimum 1 */
export function daneSessions(maxServers = 100): DaneSessions {
  const held = new Map<string, readonly HeldSession[]>()
  const put = (key: string, sessions: readonly HeldSession[]) => {
    held.delete(key)
    if (sessions.length > 0) held.set(key, sessions)
  }
  return {
    take(key) {
      const [newest, ...others] = held.get(key) ?? []
      put(key, others)
      return newest
    },
    keep(key, session) {
      put(key, [session, ...(held.get(key) ?? [])].slice(0, MAX_SESSIONS_PER_SERVER))
      const [oldest] = held.keys()
      if (held.size > Math.max(1, maxServers) && oldest !== undefined) held.delete(oldest)
    },
    get size() {
      return held.size
    },
  }
}
