/** Reads a TLS socket's peer: the chain as sent, and what OpenSSL found. Everything here is synchronous. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { chainAsSent, type TlsPeer } from '@portolan/core'
import type { PkixFinding } from './verdict.ts'

export interface SeenPeer {
  readonly peer: TlsPeer
  readonly pkix: PkixFinding
}

/** To be called once for a socket: Node 20 shows the certificate the first time only. */
export function peerOf(socket: TLSSocket, serverName: string): SeenPeer {
  const leaf = socket.getPeerX509Certificate()
  const peer = { chainAsSent: chainAsSent(leaf), resumed: socket.isSessionReused(), serverName }
  return { peer, pkix: pkixFinding(socket, leaf) }
}

function pkixFinding({ authorized, authorizationError }: TLSSocket, leaf: X509Certificate | undefined): PkixFinding {
  return {
    pathError: authorized ? undefined : String(authorizationError ?? 'unauthorized'),
    subjectAltName: leaf?.subjectAltName,
    // Never the CN, and `*` only as the whole leftmost label (RFC 9525 §6.3): OpenSSL reads the octets, not their text.
    matches: (name) =>
      leaf?.checkHost(name, { subject: 'never', partialWildcards: false, multiLabelWildcards: false }) !== undefined,
  }
}
