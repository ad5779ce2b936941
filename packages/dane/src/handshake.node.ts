/** One TLS handshake whose verdict stands in the very turn in which the handshake ends. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { InvalidOptionError } from '@portolan/core'
import { DaneError } from './errors.ts'
import { readPeerChain } from './peer-chain.node.ts'
import type { HeldSession } from './sessions.node.ts'
import type { Verdict } from './verdict.ts'

export interface Handshake {
  readonly socket: TLSSocket
  readonly resumed: boolean
  readonly chain: readonly Uint8Array[]
  readonly verdict: Verdict
}

export interface HandshakeSettings {
  readonly connection: ConnectionOptions
  /** `host:port`, for messages. */
  readonly server: string
  readonly signal: AbortSignal
  readonly held: HeldSession | undefined
  /** Must be synchronous: one turn later a client certificate has gone out (docs/limits.md). */
  judge(chain: readonly Uint8Array[]): Verdict
  /** Called for each session that an accepted server gives. */
  keep(held: HeldSession): void
}

/**
 * Resolves with the verdict; where it is no acceptance, the socket is destroyed already.
 * @throws DaneError `dane/network`, `dane/handshake`; the signal's reason
 */
export function handshake({ connection, server, signal, held, judge, keep }: HandshakeSettings): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let connected = false
    let accepted: readonly Uint8Array[] | undefined
    // TLS 1.2 gives its session before the verdict, TLS 1.3 after.
    let early: Uint8Array | undefined
    const socket = start(connection, held)
    const abort = () => fail(signal.reason)
    const settle = () => signal.removeEventListener('abort', abort)
    const fail = (error: unknown) => {
      settle()
      socket.destroy()
      reject(error)
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => {
      connected = true
    })
    // Stays on: an error before the caller listens must not end the process; `close` follows it in any case.
    socket.on('error', (cause) => fail(failure(server, connected, cause)))
    socket.once('close', () => fail(failure(server, connected, undefined)))
    socket.on('session', (session) => {
      if (accepted) keep({ session, chain: accepted })
      else early = session
    })
    socket.once('secureConnect', () => {
      const resumed = socket.isSessionReused()
      const chain = resumed && held ? held.chain : readPeerChain(socket)
      let verdict: Verdict
      try {
        verdict = judge(chain)
      } catch (bug) {
        // Thrown from here it would end the process, with the socket still open.
        return fail(bug)
      }
      settle()
      if (verdict.decision === 'accept') {
        accepted = chain
        if (early) keep({ session: early, chain })
        // TLS 1.2 gives no new session for a resumed one, and knows no harm in using it again.
        else if (held && resumed && socket.getProtocol() === 'TLSv1.2') keep(held)
      } else socket.destroy()
      resolve({ socket, resumed, chain, verdict })
    })
  })
}

/** @throws InvalidOptionError where OpenSSL cannot use the client's certificate or key */
function start(connection: ConnectionOptions, held: HeldSession | undefined): TLSSocket {
  try {
    return connect({
      ...connection,
      // Our verdict is the one that counts; Node's own would refuse what DANE proves.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(held ? { session: Buffer.from(held.session) } : {}),
    })
  } catch (cause) {
    throw new InvalidOptionError('clientCertificate', 'TLS cannot be set up with it', { cause })
  }
}

function failure(server: string, connected: boolean, cause: Error | undefined): DaneError {
  const why = cause?.message ?? 'the server closed the connection'
  return connected
    ? new DaneError('dane/handshake', server, `the TLS handshake failed: ${why}`, { cause })
    : new DaneError('dane/network', server, `no connection: ${why}`, { cause })
}
