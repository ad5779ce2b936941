/** Reads the certificates that a TLS server sent. */
import type { TLSSocket } from 'node:tls'
import { chainAsSent } from '@portolan/core'

/**
 * DER, leaf first, then as sent; empty where the session was resumed. To be called once for a socket: Node 20 shows the
 * certificate the first time only. (`getPeerCertificate(true)` would sort, and drop alternatives.)
 */
export function readPeerChain(socket: TLSSocket): readonly Uint8Array[] {
  return chainAsSent(socket.getPeerX509Certificate())
}
