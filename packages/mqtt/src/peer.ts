/** Reads a TLS socket's peer: the chain as sent, and what OpenSSL found. Everything here is synchronous. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { TlsPeer } from '@portolan/core'
import type { PkixFinding } from './verdict.ts'

/** Real chains have two to four certificates; a server may send any number. */
const MAX_CHAIN_LENGTH = 16

export interface SeenPeer {
  readonly peer: TlsPeer
  readonly pkix: PkixFinding
}

/** To be called once for a socket: Node 20 shows the certificate the first time only. */
export function peerOf(socket: TLSSocket, serverName: string): SeenPeer {
  const chain = chainOf(socket.getPeerX509Certificate())
  const peer = { chainAsSent: chain.map(({ raw }) => raw), resumed: socket.isSessionReused(), serverName }
  return { peer, pkix: pkixFinding(socket, chain[0]) }
}

/** Leaf first. A self-signed certificate may name itself as its issuer: seen ones end the walk. */
function chainOf(leaf: X509Certificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  for (let at = leaf; at !== undefined && chain.length < MAX_CHAIN_LENGTH; at = at.issuerCertificate) {
    if (seen.has(at.fingerprint256)) break
    seen.add(at.fingerprint256)
    chain.push(at)
  }
  return chain
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
