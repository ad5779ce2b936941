/** Makes certificates for tests: roots, intermediates and leaves, true or bent. */
import 'reflect-metadata/lite'
import { createPublicKey, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

const ALGORITHMS = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
}

export interface Made {
  readonly der: Uint8Array
  readonly pem: string
  readonly keyPem: string
  readonly spki: Uint8Array
  readonly keys: CryptoKeyPair
  readonly subject: string
}

export interface Recipe {
  readonly subject: string
  /** Absent: self-signed. */
  readonly issuer?: Made | undefined
  readonly ca?: boolean | undefined
  readonly pathLength?: number | undefined
  readonly dnsNames?: readonly string[] | undefined
  readonly notBefore?: string | undefined
  readonly notAfter?: string | undefined
  readonly algorithm?: 'ecdsa' | 'rsa' | undefined
  /** The key of another certificate in place of a new one. */
  readonly keys?: CryptoKeyPair | undefined
  readonly extensions?: readonly x509.Extension[] | undefined
}

let serial = 1

export async function make(recipe: Recipe): Promise<Made> {
  const { issuer, ca = false, algorithm = 'ecdsa', dnsNames = [] } = recipe
  const signingAlgorithm = ALGORITHMS[algorithm]
  const keys = recipe.keys ?? (await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (++serial).toString(16).padStart(4, '0'),
    subject: recipe.subject,
    issuer: issuer?.subject ?? recipe.subject,
    notBefore: new Date(recipe.notBefore ?? '2020-01-01T00:00:00Z'),
    notAfter: new Date(recipe.notAfter ?? '2040-01-01T00:00:00Z'),
    publicKey: keys.publicKey as CryptoKey,
    signingKey: (issuer?.keys ?? keys).privateKey as CryptoKey,
    signingAlgorithm: (issuer?.keys ?? keys).privateKey.algorithm.name === 'ECDSA' ? ALGORITHMS.ecdsa : ALGORITHMS.rsa,
    extensions: [
      new x509.BasicConstraintsExtension(ca, recipe.pathLength, true),
      new x509.KeyUsagesExtension(ca ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature, true),
      ...(dnsNames.length > 0
        ? [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns' as const, value })))]
        : []),
      ...(recipe.extensions ?? []),
    ],
  })
  const der = new Uint8Array(certificate.rawData)
  const pem = certificate.toString('pem')
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as webcrypto.CryptoKey)
  const keyPem = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')
  const spki = new Uint8Array(createPublicKey(pem).export({ format: 'der', type: 'spki' }))
  return { der, pem, keyPem, spki, keys: keys as CryptoKeyPair, subject: recipe.subject }
}

/** A root, an intermediate and a leaf for `broker.fleet.test`. */
export async function makeChain(
  algorithm: Recipe['algorithm'] = 'ecdsa',
): Promise<{ readonly root: Made; readonly intermediate: Made; readonly leaf: Made }> {
  const root = await make({ subject: 'CN=Test Root', ca: true, algorithm })
  const intermediate = await make({ subject: 'CN=Test CA', issuer: root, ca: true, algorithm })
  const leaf = await make({ subject: 'CN=broker', issuer: intermediate, dnsNames: ['broker.fleet.test'], algorithm })
  return { root, intermediate, leaf }
}
