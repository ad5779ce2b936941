/** Reads a TLS socket's peer: the chain as sent, and what OpenSSL found. Everything here is synchronous. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { TlsPeer } from '@portolan/core'
import type { PkixFinding } from './verdict.ts'

/** Real chains have two to four certificates; a server may send any number. */
const MAX_CHAIN_LENGTH = 16

export function peerOf(socket: TLSSocket, serverName: string): TlsPeer {
  return {
    chainAsSent: chainOf(socket.getPeerX509Certificate()).map(({ raw }) => raw),
    resumed: socket.isSessionReused(),
    serverName,
  }
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

export function pkixFinding(socket: TLSSocket): PkixFinding {
  const leaf = socket.getPeerX509Certificate()
  const { authorizationError } = socket
  return {
    pathError: socket.authorized ? undefined : String(authorizationError ?? 'unauthorized'),
    subjectAltName: leaf?.subjectAltName,
    // Never the CN, and `*` only as the whole leftmost label (RFC 9525 §6.3): OpenSSL reads the octets, not their text.
    matches: (name) =>
      leaf?.checkHost(name, { subject: 'never', partialWildcards: false, multiLabelWildcards: false }) !== undefined,
  }
}
