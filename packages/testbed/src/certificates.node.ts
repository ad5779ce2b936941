/** Certificates for brokers: an authority of the testbed's own, and what it issues. Keys are ECDSA P-256. */
import { createHash, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto'

/** A chain and its key, as a TLS server takes them. */
export interface Certificate {
  /** The server's own first, the authority's last. */
  readonly chainPem: string
  /** PKCS #8. */
  readonly privateKeyPem: string
  /** The same chain in DER. */
  readonly chain: readonly Uint8Array[]
}

export interface CertificateRequest {
  /** DNS names of subjectAltName (RFC 9525 §4); may be empty. */
  readonly names: readonly string[]
  /** Milliseconds since 1970; default an hour ago. */
  readonly notBeforeMs?: number | undefined
  /** Default in 90 days. */
  readonly notAfterMs?: number | undefined
  /** Issue it for a client (`clientAuth`), not a server. */
  readonly client?: boolean | undefined
}

export interface Authority {
  /** To be trusted by clients that use PKIX. */
  readonly certificatePem: string
  issue(request: CertificateRequest): Promise<Certificate>
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const
const SERIAL_OCTETS = 16

/** Makes a root authority. One made apart from the testbed's is what a forger has. */
export async function createAuthority(commonName: string, now: () => number = Date.now): Promise<Authority> {
  const x509 = await import('./x509.ts')
  const keys = await makeKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    serialNumber: randomSerial(),
    notBefore: new Date(now() - HOUR_MS),
    notAfter: new Date(now() + 3650 * DAY_MS),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificatePem: root.toString('pem'),
    async issue({ names, notBeforeMs = now() - HOUR_MS, notAfterMs = now() + 90 * DAY_MS, client = false }) {
      const leafKeys = await makeKeys()
      const purpose = client ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
      const alternatives = names.map((value) => ({ type: 'dns' as const, value: value.replace(/\.$/, '') }))
      const leaf = await x509.X509CertificateGenerator.create({
        subject: names[0] === undefined ? 'CN=unnamed' : `CN=${names[0].replace(/\.$/, '')}`,
        issuer: root.subject,
        serialNumber: randomSerial(),
        notBefore: new Date(notBeforeMs),
        notAfter: new Date(notAfterMs),
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: SIGNING,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([purpose]),
          ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
          await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      return {
        chainPem: `${leaf.toString('pem')}\n${root.toString('pem')}\n`,
        privateKeyPem: KeyObject.from(leafKeys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
        chain: [leaf, root].map(({ rawData }) => new Uint8Array(rawData)),
      }
    },
  }
}

/** What to publish: usage 3 or 2, selector 0 (certificate) or 1 (key), matching type 1 (SHA-256); RFC 7671 §4 on the choice. */
export type TlsaChoice = '3 1 1' | '3 0 1' | '2 1 1' | '2 0 1'

/** TLSA rdata for a chain (RFC 6698 §2.1): of the server's own certificate, or for usage 2 of the last one. */
export function tlsaRdata({ chain }: Certificate, choice: TlsaChoice): Uint8Array {
  const [usage = 3, selector = 1, matchingType = 1] = choice.split(' ').map(Number)
  const der = (usage === 2 ? chain.at(-1) : chain[0]) ?? new Uint8Array()
  const selected = selector === 0 ? der : new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' })
  return Uint8Array.of(usage, selector, matchingType, ...createHash('sha256').update(selected).digest())
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function randomSerial(): string {
  const serial = randomBytes(SERIAL_OCTETS)
  return Buffer.concat([Buffer.of(1), serial.subarray(1)]).toString('hex')
}
