/** Real mosquitto brokers with TLS for the interop suites: started on loopback, watched by their logs. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finish, type Running, start } from '../processes.ts'
import { pathOf } from '../servers.ts'

export interface Mosquitto {
  readonly port: number
  /** What it logged: connections, CONNECT, messages. */
  log(): string
  /** Resolves once its log matches. */
  said(pattern: RegExp): Promise<void>
  kill(): Promise<void>
  revive(): Promise<void>
  stop(): Promise<void>
}

/** In PEM. */
export interface ServerCertificate {
  readonly chainPem: string
  readonly privateKeyPem: string
}

/** @param settings further lines of its configuration */
export async function startMosquitto(
  port: number,
  { chainPem, privateKeyPem }: ServerCertificate,
  settings: readonly string[] = ['allow_anonymous true'],
): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-mosquitto-'))
  const path = (name: string) => join(folder, name)
  await writeFile(path('chain.pem'), chainPem)
  await writeFile(path('key.pem'), privateKeyPem)
  const listener = [`listener ${port} 127.0.0.1`, `certfile ${path('chain.pem')}`, `keyfile ${path('key.pem')}`]
  const rest = ['user root', 'persistence false', 'log_dest stderr', 'log_type all', 'connection_messages true']
  await writeFile(path('mosquitto.conf'), `${[...listener, ...settings, ...rest].join('\n')}\n`)
  const run = () =>
    start(pathOf('mosquitto'), ['-c', path('mosquitto.conf')], { ready: /mosquitto version .* running/ })
  let running: Running | undefined = await run()
  const logs: string[] = []
  const kill = async () => {
    await running?.stop()
    if (running !== undefined) logs.push(running.output())
    running = undefined
  }
  return {
    port,
    log: () => [...logs, running?.output() ?? ''].join(''),
    said: (pattern) => running?.said(pattern) ?? Promise.reject(new Error('it does not run')),
    kill,
    async revive() {
      running ??= await run()
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** `3 1 1` data of a certificate, by openssl: another opinion than ours. */
export async function publicKeyDigest({ chainPem }: Pick<ServerCertificate, 'chainPem'>): Promise<string> {
  const script = 'openssl x509 -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r'
  const { stdout } = await finish('sh', ['-c', script], { input: chainPem })
  return stdout.slice(0, 64)
}
