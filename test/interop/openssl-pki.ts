/** Certificates made by openssl, and its TLS server as a witness of what a client sends. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Running, start } from '../processes.ts'
import { pathOf } from '../servers.ts'
import { run } from './farm.ts'

export type KeyKind = 'RSA' | 'ECDSA'

export interface Issued {
  readonly name: string
  readonly certificateFile: string
  readonly keyFile: string
  /** The certificate, then the root's. */
  readonly chainFile: string
  readonly certificatePem: string
  readonly chainPem: string
  readonly privateKeyPem: string
}

export interface Pki {
  readonly rootFile: string
  readonly rootPem: string
  issue(
    label: string,
    names: readonly string[],
    options?: { readonly days?: number; readonly client?: boolean },
  ): Promise<Issued>
}

const NEW_KEY: Readonly<Record<KeyKind, readonly string[]>> = {
  RSA: ['-newkey', 'rsa:2048'],
  ECDSA: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
}

/** A root of one kind of key in a folder of its own. */
export async function makePki(folder: string, kind: KeyKind): Promise<Pki> {
  const path = (name: string) => join(folder, `${kind}-${name}`)
  const [rootFile, rootKey] = [path('root.pem'), path('root.key')]
  const openssl = (...args: string[]) => run('openssl', args)
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  await openssl(
    ...['req', '-x509', ...NEW_KEY[kind], '-nodes', '-days', '365', '-subj', `/CN=${kind} root`],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...['-keyout', rootKey, '-out', rootFile],
  )
  return {
    rootFile,
    rootPem: await readFile(rootFile, 'utf8'),
    async issue(label, names, { days = 90, client = false } = {}) {
      const [certificateFile, keyFile, chainFile] = [path(`${label}.pem`), path(`${label}.key`), path(`${label}.chain`)]
      const lines = [
        ...(names.length > 0 ? [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`] : []),
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature',
        `extendedKeyUsage=${client ? 'clientAuth' : 'serverAuth'}`,
      ]
      await writeFile(path(`${label}.ext`), lines.join('\n'))
      await openssl(
        'req',
        '-new',
        ...NEW_KEY[kind],
        '-nodes',
        '-subj',
        `/CN=${label}`,
        '-keyout',
        keyFile,
        '-out',
        path(`${label}.csr`),
      )
      await openssl(
        ...['x509', '-req', '-in', path(`${label}.csr`), '-CA', rootFile, '-CAkey', rootKey, '-CAcreateserial'],
        // A negative number of days makes one that has expired.
        ...['-days', String(days), '-extfile', path(`${label}.ext`), '-out', certificateFile],
      )
      const [certificatePem, keyPem, rootPem] = await Promise.all(
        [certificateFile, keyFile, rootFile].map((file) => readFile(file, 'utf8')),
      )
      await writeFile(chainFile, `${certificatePem}${rootPem}`)
      return {
        name: label,
        certificateFile,
        keyFile,
        chainFile,
        certificatePem: String(certificatePem),
        chainPem: `${certificatePem}${rootPem}`,
        privateKeyPem: String(keyPem),
      }
    },
  }
}

export interface Witness {
  readonly port: number
  /** What it saw of the connection before, once that is closed. */
  seen(): Promise<{ readonly octets: string; readonly clientCertificate: boolean }>
  stop(): Promise<void>
}

/** `openssl s_server`, which asks for a client certificate and prints what it is sent. */
export async function startWitness(port: number, issued: Issued, version: 'TLSv1.2' | 'TLSv1.3'): Promise<Witness> {
  const running: Running = await start(
    // Unbuffered: what openssl says last about a connection, it would keep until the next.
    pathOf('stdbuf'),
    [
      ...[
        '-o0',
        pathOf('openssl'),
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
        '-verify',
        '3',
      ],
      ...['-cert', issued.certificateFile, '-key', issued.keyFile, '-cert_chain', issued.chainFile],
    ],
    { ready: /ACCEPT/, holdInput: true },
  )
  let read = running.output().length
  let closed = 0
  return {
    port,
    async seen() {
      closed++
      await running.said((output) => output.split('CONNECTION CLOSED').length > closed)
      const end = running.output().length
      // Its complaints on standard error stand between.
      const text = running
        .output()
        .slice(read, end)
        .replaceAll(/^.*:error:.*\n/gm, '')
      read = end
      // What comes between the end of the handshake's description and the end of the connection, it was sent.
      const octets = /Secure Renegotiation IS[^\n]*\n([\s\S]*?)(?:DONE|ERROR|shutting down|$)/.exec(text)?.[1] ?? ''
      return { octets, clientCertificate: /Client certificate|depth=\d+ CN/.test(text) }
    },
    stop: () => running.stop(),
  }
}
