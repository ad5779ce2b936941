/** Certificates on Node: OpenSSL holds the key and checks signatures, x509.ts reads the fields; each only when asked. */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import type { CertificateFields } from './certificate-fields.ts'
import { canonicalRdns } from './distinguished-name.ts'
import { type CertificateFrame, frameCertificate, hasNamedParameters } from './frame.ts'
import { curveStrengthBits, rsaStrengthBits } from './strength.ts'
import { readFields } from './x509.ts'

/** Certificates that came lately, by digest: brokers show the same ones at each reconnect, and reading one costs 1 ms. */
const recent = new Map<string, NodeCertificate>()
const MAX_RECENT = 64
/** Fields of larger ones are not read: real ones have 0.5 to 8 kB, and a hostile one must not stop the event loop. */
const MAX_CERTIFICATE_OCTETS = 16_384

/** A certificate of the octets, which are copied; `undefined` where they are none. */
export function openCertificate(der: Uint8Array): NodeCertificate | undefined {
  const sha256 = createHash('sha256').update(der).digest('hex')
  const known = recent.get(sha256) ?? readCertificate(Uint8Array.from(der), sha256)
  if (known === undefined) return undefined
  recent.delete(sha256)
  recent.set(sha256, known)
  const [oldest] = recent.keys()
  if (recent.size > MAX_RECENT && oldest !== undefined) recent.delete(oldest)
  return known
}

function readCertificate(der: Uint8Array, sha256: string): NodeCertificate | undefined {
  const frame = frameCertificate(der)
  const subject = frame && canonicalRdns(frame.subject)
  const issuer = frame && canonicalRdns(frame.issuer)
  return frame && subject && issuer ? new NodeCertificate(frame, sha256, subject, issuer.join(',')) : undefined
}

/** Whether the certificate or key of a Full(0) record can be read: what OpenSSL cannot read is unusable. */
export function isReadable(selector: 0 | 1, data: Uint8Array): boolean {
  return selector === 0 ? (openCertificate(data)?.hasReadableKey ?? false) : openKey(data) !== undefined
}

export class NodeCertificate implements Certificate {
  readonly frame: CertificateFrame
  readonly sha256: string
  readonly subjectName: string
  readonly issuerName: string
  readonly subjectRdns: readonly string[]
  /** `null`: tried, and unreadable. */
  readonly #lazy: {
    parsed?: X509Certificate | null
    key?: KeyObject | null
    fields?: CertificateFields | null
    keyStrengthBits?: number
  } = {}
  /** Signatures already checked: backtracking meets the same pair again. */
  readonly #signed = new WeakMap<Certificate, boolean>()

  constructor(frame: CertificateFrame, sha256: string, subjectRdns: readonly string[], issuerName: string) {
    this.frame = frame
    this.sha256 = sha256
    this.subjectRdns = subjectRdns
    this.subjectName = subjectRdns.join(',')
    this.issuerName = issuerName
  }

  get der(): Uint8Array {
    return this.frame.der
  }

  get spki(): Uint8Array {
    return this.frame.spki
  }

  get fields(): CertificateFields | undefined {
    if (this.#lazy.fields === undefined) {
      this.#lazy.fields = this.der.length > MAX_CERTIFICATE_OCTETS ? null : attempt(() => readFields(this.frame))
    }
    return this.#lazy.fields ?? undefined
  }

  get keyStrengthBits(): number {
    this.#lazy.keyStrengthBits ??= this.#key && hasNamedParameters(this.spki) ? strengthOf(this.#key) : 0
    return this.#lazy.keyStrengthBits
  }

  get hasReadableKey(): boolean {
    return this.#key !== undefined
  }

  signed(child: Certificate): boolean {
    const known = this.#signed.get(child)
    if (known !== undefined) return known
    const holds = this.#key !== undefined && isSignedBy(child, this.#key)
    this.#signed.set(child, holds)
    return holds
  }

  /** OpenSSL's own reading, for its signature check. */
  get parsed(): X509Certificate | undefined {
    if (this.#lazy.parsed === undefined) this.#lazy.parsed = attempt(() => new X509Certificate(this.der))
    return this.#lazy.parsed ?? undefined
  }

  get #key(): KeyObject | undefined {
    if (this.#lazy.key === undefined) this.#lazy.key = attempt(() => this.parsed?.publicKey ?? null)
    return this.#lazy.key ?? undefined
  }
}

/** Checks the signature alone, also that inner and outer algorithm agree (RFC 5280 §4.1.1.2). Any fault is a no. */
export function isSignedBy(child: Certificate, key: KeyObject): boolean {
  const parsed = child instanceof NodeCertificate ? child.parsed : attempt(() => new X509Certificate(child.der))
  return attempt(() => parsed?.verify(key) ?? false) ?? false
}

/** The key of a SubjectPublicKeyInfo, or `undefined` where OpenSSL cannot read it. */
export function openKey(spki: Uint8Array): KeyObject | undefined {
  return attempt(() => createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })) ?? undefined
}

function strengthOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): number {
  switch (asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return rsaStrengthBits(asymmetricKeyDetails?.modulusLength ?? 0)
    case 'ec':
      return curveStrengthBits(asymmetricKeyDetails?.namedCurve)
    case 'ed25519':
      return 128
    case 'ed448':
      return 224
    default:
      // DSA and the rest sign nothing in TLS 1.3 (RFC 8446 §4.2.3).
      return 0
  }
}

/** Both parsers throw on hostile octets, in many ways; to us each is one answer: unreadable. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
