/** Reads the certificates that a TLS server sent. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { MAX_CERTIFICATES } from './peer.node.ts'

/**
 * DER, leaf first, then in the order in which they came, surplus and doubled ones too. Empty where the session was resumed:
 * the server then sends none. (`getPeerCertificate(true)` would sort, and drop alternatives.)
 */
export function readPeerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  let next: X509Certificate | undefined = socket.getPeerX509Certificate()
  while (next !== undefined && chain.length <= MAX_CERTIFICATES) {
    chain.push(Uint8Array.from(next.raw))
    next = next.issuerCertificate
  }
  return chain
}
