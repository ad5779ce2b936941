/** The certificates that a TLS server sent, from whatever shows them one behind the other. */

/** As X509Certificate of node:crypto shows the peer of a handshake: each leads to the one that was sent after it. */
export interface ShownCertificate {
  /** DER. */
  readonly raw: Uint8Array
  readonly issuerCertificate?: ShownCertificate | undefined
}

/** Real chains have two to four; a server may send any number. */
const MAX_CERTIFICATES = 64

/**
 * DER, leaf first, then in the order in which they came, surplus and doubled ones too, at most 64. Empty where the session was
 * resumed: the server then sends none.
 */
export function chainAsSent(leaf: ShownCertificate | undefined): readonly Uint8Array[] {
  const chain: Uint8Array[] = []
  for (let at = leaf; at !== undefined && chain.length < MAX_CERTIFICATES; at = at.issuerCertificate) {
    chain.push(Uint8Array.from(at.raw))
  }
  return chain
}
