/** A TLS connection that TLSA records proved: DANE for any program, without the rest of Portolan. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { ConnectionOptions, SecureVersion, TLSSocket } from 'node:tls'
import { InvalidOptionError, type Name, parseDomain } from '@portolan/core'
import { judgeDane } from './dane.node.ts'
import { DaneError } from './errors.ts'
import { type Handshake, handshake } from './handshake.node.ts'
import { sameRecord } from './match.node.ts'
import { judgePkix } from './pkix.node.ts'
import type { DaneSessions } from './sessions.node.ts'
import type { Tlsa } from './tlsa.ts'
import type { JudgeOptions, Verdict } from './verdict.ts'

export interface ConnectDaneOptions extends JudgeOptions {
  /** Name of the server: connected to, sent as SNI and asked of the certificate, where nothing else is said. */
  readonly host: string
  readonly port: number
  /** IP address to connect to in place of resolving `host`. */
  readonly address?: string | undefined
  /** The TLSA RRset of `_port._tcp.host`, which the caller has proved by DNSSEC: DANE rests on that. */
  readonly tlsa: readonly Tlsa[]
  /** DNS names of which the certificate must carry one (not for DANE-EE). Default: `host`. */
  readonly referenceNames?: readonly string[] | undefined
  /** SRV-IDs accepted beside them (RFC 4985), such as `_secure-mqtt.fleet.example`. */
  readonly srvNames?: readonly string[] | undefined
  /** SNI. Default: `host`, which should be the TLSA base domain (RFC 7671 §10.2). */
  readonly serverName?: string | undefined
  /** Where no record is usable: `refuse` (default), or let `pkix` decide. */
  readonly whenUnusable?: 'refuse' | 'pkix' | undefined
  /** Default `['mqtt']`; empty for none. */
  readonly alpnProtocols?: readonly string[] | undefined
  /** For mutual TLS. PEM, or DER for the key. */
  readonly clientCertificate?: Pick<ConnectionOptions, 'cert' | 'key' | 'passphrase' | 'pfx'> | undefined
  /**
   * Default `TLSv1.2`, with a client certificate `TLSv1.3`: TLS 1.2 shows the client certificate to a server before
   * anything can be known of it.
   */
  readonly minVersion?: Extract<SecureVersion, 'TLSv1.2' | 'TLSv1.3'> | undefined
  readonly maxVersion?: Extract<SecureVersion, 'TLSv1.2' | 'TLSv1.3'> | undefined
  /** From `daneSessions()`: resumes sessions, each judged again by the chain that it began with. */
  readonly sessions?: DaneSessions | undefined
  /**
   * Asks for the TLSA past any cache. Called once, where usable records don't match: a roll-over seen half way
   * (RFC 7671 §8). Where they have changed, the server gets a second handshake, else the refusal stands.
   */
  readonly refreshTlsa?: ((signal: AbortSignal) => Promise<readonly Tlsa[]>) | undefined
  /**
   * The TLSA as they change while the connection lives, each set proved by DNSSEC. By each the server is judged again; where
   * it fits no more, the socket is destroyed with the DaneError. A source that ends or rejects leaves the last verdict.
   */
  readonly tlsaChanges?: AsyncIterable<readonly Tlsa[]> | undefined
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  readonly signal?: AbortSignal | undefined
  /** For everything together. Default 15,000, at least 1. */
  readonly timeoutMs?: number | undefined
}

export interface DaneConnection {
  readonly socket: TLSSocket
  readonly verdict: Extract<Verdict, { decision: 'accept' }>
  readonly resumed: boolean
  /** DER, leaf first, as sent, or as sent when the resumed session began. */
  readonly chain: readonly Uint8Array[]
  /** Judges the same server by other records, for a connection that outlives its TLSA. Closing it is the caller's. */
  judgeAgain(tlsa: readonly Tlsa[]): Verdict
}

/**
 * Connects, proves the server and only then hands out the socket: nothing is written before.
 * @throws DaneError where the server is refused or not reached; InvalidOptionError; the signal's reason
 */
export async function connectDane(options: ConnectDaneOptions): Promise<DaneConnection> {
  const { sessions, refreshTlsa, signal } = options
  const settings = settingsOf(options)
  const { server } = settings
  const limit = AbortSignal.timeout(settings.timeoutMs)
  const both = signal ? AbortSignal.any([signal, limit]) : limit
  const attempt = (tlsa: readonly Tlsa[], resume: boolean) =>
    handshake({
      connection: settings.connection,
      server,
      signal: both,
      held: resume ? sessions?.take(settings.sessionKey) : undefined,
      judge: (chain) => settings.judge(chain, tlsa),
      keep: (held) => sessions?.keep(settings.sessionKey, held),
    })
  try {
    let tlsa = options.tlsa
    let done = await attempt(tlsa, true)
    // The chain of a resumed session fits no more, but the server may have another one by now.
    if (done.verdict.decision !== 'accept' && done.resumed) done = await attempt(tlsa, false)
    if (done.verdict.decision === 'refuse' && done.verdict.code === 'no-match' && refreshTlsa) {
      const fresh = await refreshTlsa(both)
      if (haveChanged(tlsa, fresh)) {
        tlsa = fresh
        done = await attempt(tlsa, false)
      }
    }
    const connection = accepted(done, settings)
    if (options.tlsaChanges) void judgeByEach(options.tlsaChanges, connection, server)
    return connection
  } catch (error) {
    if (!limit.aborted || error !== limit.reason) throw error
    throw new DaneError('dane/timeout', server, `no proved connection within ${settings.timeoutMs} ms`, {
      cause: error,
    })
  }
}

interface Settings {
  readonly server: string
  readonly sessionKey: string
  readonly connection: ConnectionOptions
  readonly timeoutMs: number
  judge(chain: readonly Uint8Array[], tlsa: readonly Tlsa[]): Verdict
}

function settingsOf(options: ConnectDaneOptions): Settings {
  const { host, port, address, serverName = host, timeoutMs = 15_000, clientCertificate, whenUnusable } = options
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidOptionError('port', `${port} is none`)
  if (!(timeoutMs >= 1)) throw new InvalidOptionError('timeoutMs', `${timeoutMs} is under 1`)
  if (address !== undefined && isIP(address) === 0)
    throw new InvalidOptionError('address', `${address} is no IP address`)
  const referenceNames = namesOf(options.referenceNames ?? [host])
  const srvNames = namesOf(options.srvNames ?? [])
  const { now = Date.now, alpnProtocols = ['mqtt'], maxVersion = 'TLSv1.3' } = options
  const minVersion = options.minVersion ?? (clientCertificate ? 'TLSv1.3' : 'TLSv1.2')
  const sni = withoutDot(serverName)
  return {
    server: `${withoutDot(host)}:${port}`,
    sessionKey: [address ?? host, port, sni, minVersion, identityOf(clientCertificate)].join(' '),
    timeoutMs,
    connection: {
      ...clientCertificate,
      host: address ?? host,
      port,
      ...(isIP(sni) === 0 ? { servername: sni } : {}),
      ...(alpnProtocols.length > 0 ? { ALPNProtocols: [...alpnProtocols] } : {}),
      minVersion,
      maxVersion,
    },
    judge(chain, tlsa) {
      const evidence = { chain, referenceNames, srvNames }
      const verdict = judgeDane(tlsa, evidence, now(), options)
      return verdict.decision === 'defer-to-pkix' && whenUnusable === 'pkix'
        ? judgePkix(evidence, now(), options)
        : verdict
    },
  }
}

/** A session carries the client's identity along: another client certificate must not resume it. */
function identityOf(certificate: ConnectDaneOptions['clientCertificate']): string {
  const shown = String(certificate?.cert ?? certificate?.pfx ?? '')
  return createHash('sha256').update(shown).digest('base64')
}

function namesOf(texts: readonly string[]): readonly Name[] {
  return texts.map((text) => parseDomain(text))
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function haveChanged(before: readonly Tlsa[], after: readonly Tlsa[]): boolean {
  return before.length !== after.length || !after.every((record) => before.some((known) => sameRecord(known, record)))
}

/** Ends with the connection, or with its source. */
async function judgeByEach(
  changes: AsyncIterable<readonly Tlsa[]>,
  { socket, judgeAgain }: DaneConnection,
  server: string,
): Promise<void> {
  const steps = changes[Symbol.asyncIterator]()
  const stop = () => void Promise.resolve(steps.return?.()).catch(() => {})
  socket.once('close', stop)
  try {
    for (;;) {
      const step = await steps.next()
      if (step.done || socket.destroyed) return
      const verdict = judgeAgain(step.value)
      if (verdict.decision === 'accept') continue
      socket.destroy(refusalOf(verdict, server))
      return
    }
  } catch {
    // Nobody could tell of new records: that proves nothing against the server.
  } finally {
    socket.off('close', stop)
  }
}

function accepted({ socket, resumed, chain, verdict }: Handshake, { server, judge }: Settings): DaneConnection {
  switch (verdict.decision) {
    case 'accept':
      return { socket, verdict, resumed, chain, judgeAgain: (tlsa) => judge(chain, tlsa) }
    case 'defer-to-pkix':
    case 'refuse':
      throw refusalOf(verdict, server)
  }
}

function refusalOf(verdict: Exclude<Verdict, { decision: 'accept' }>, server: string): DaneError {
  return verdict.decision === 'refuse'
    ? new DaneError(`dane/${verdict.code}`, server, verdict.detail, { facts: verdict.facts })
    : new DaneError('dane/no-usable-tlsa', server, `${verdict.detail}; whenUnusable: 'pkix' would let PKIX decide`)
}
