/** For tests: a certification authority inside the process, and what it signs. */
import 'reflect-metadata/lite'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const NOT_BEFORE = new Date('2020-01-01')
const NOT_AFTER = new Date('2049-12-31')

export interface Credentials {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  /** PEM. */
  readonly ca: string
  /** A certificate for these dNSNames; with a CN where one is given. */
  issue(names: readonly string[], commonName?: string): Promise<Credentials>
}

export async function makeAuthority(commonName = 'test root'): Promise<Authority> {
  const keys = await newKeys()
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: EC,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  let serial = 1
  return {
    ca: root.toString('pem'),
    async issue(names, subject) {
      const own = await newKeys()
      const extensions: Extension[] = [new ExtendedKeyUsageExtension([SERVER_AUTH, CLIENT_AUTH])]
      if (names.length > 0) {
        extensions.push(new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))))
      }
      serial++
      const cert = await X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(2, '0'),
        subject: subject === undefined ? '' : `CN=${subject}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: EC,
        notBefore: NOT_BEFORE,
        notAfter: NOT_AFTER,
        extensions,
      })
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', own.privateKey)
      return { cert: cert.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') }
    },
  }
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as CryptoKeyPair
}
