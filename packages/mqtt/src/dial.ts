/** Opens one address: TCP, TLS and the verdict on the peer. Nothing of MQTT is written before the verdict. */
import { isIP, type Socket, connect as tcpConnect } from 'node:net'
import { type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { type Candidate, displayName, type Plugin } from '@portolan/core'
import type { Clock } from './clock.ts'
import { type AttemptCode, AttemptError, type AttemptFacts, type Endpoint } from './errors.ts'
import { peerOf } from './peer.ts'
import { type Judgement, judge, NOBODY_MAY_PROVE } from './verdict.ts'

export interface DialOptions {
  readonly clock: Clock
  readonly plugins: readonly Plugin[]
  readonly secureContext: SecureContext
  readonly alpnProtocols: readonly string[]
  readonly connectTimeoutMs: number
  readonly tlsTimeoutMs: number
  readonly signal: AbortSignal
}

/** A connection that may carry MQTT. */
export interface Proved {
  readonly socket: Socket
  readonly endpoint: Endpoint
  /** `undefined`: plain TCP, which the caller allowed; nobody proved anything. */
  readonly judgement: Judgement | undefined
}

/**
 * Opens one connection and has it judged.
 * @throws AttemptError, or the signal's reason
 */
export function dial(candidate: Candidate, endpoint: Endpoint, options: DialOptions): Promise<Proved> {
  const { clock, signal, connectTimeoutMs, tlsTimeoutMs } = options
  const { tls } = candidate.target.service
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const socket = open(candidate, endpoint, options)
    if (!('destroy' in socket)) return reject(socket)
    let phase = 'TCP connection'
    let isOver = false

    const finish = (settle: () => void) => {
      if (isOver) return
      isOver = true
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const abandon = (why: unknown) =>
      finish(() => {
        socket.destroy()
        reject(why)
      })
    const fail = (code: AttemptCode, detail: string, facts: Partial<AttemptFacts> = {}) =>
      abandon(new AttemptError(code, endpoint, detail, { ...facts, atMs: clock.now() }))
    const limit = (timeoutMs: number) =>
      clock.after(timeoutMs, () => fail('mqtt/timeout', `no ${phase} within ${timeoutMs} ms`))
    const onAbort = () => abandon(signal.reason)
    const accept = (judgement: Judgement | undefined) => finish(() => resolve({ socket, endpoint, judgement }))

    let cancelTimer = limit(connectTimeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    // These listeners stay: whoever gets the socket may be one turn late with its own.
    socket.on('error', (error) => {
      fail(phase === 'TLS' ? 'mqtt/tls-failed' : 'mqtt/unreachable', `no ${phase}: ${error.message || error.name}`, {
        cause: error,
      })
    })
    socket.on('close', () => {
      fail(phase === 'TLS' ? 'mqtt/tls-failed' : 'mqtt/unreachable', `closed before there was a ${phase}`)
    })
    socket.once('connect', () => {
      if (!tls) return accept(undefined)
      if (isOver) return
      phase = 'TLS'
      cancelTimer()
      cancelTimer = limit(tlsTimeoutMs)
    })
    socket.once('secureConnect', () => {
      if (isOver || !('getPeerX509Certificate' in socket)) return
      // In this very turn: one later, TLS 1.3 would have sent our certificate to whoever this is.
      const judgement = judgeSocket(socket, candidate, options.plugins)
      if (judgement.accepted) accept(judgement)
      else fail('mqtt/tls-refused', refusalText(judgement), { refusedBy: judgement.by, cause: judgement })
    })
  })
}

function refusalText({ by, detail }: Judgement): string {
  return `refused its certificate (${by}): ${detail}`
}

function judgeSocket(socket: TLSSocket, candidate: Candidate, plugins: readonly Plugin[]): Judgement {
  try {
    const { peer, pkix } = peerOf(socket, displayName(candidate.identity.serverName))
    return judge(peer, candidate, plugins, pkix)
  } catch (error) {
    const detail = `its certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`
    return { accepted: false, by: 'tls', code: 'mqtt/unreadable-certificate', detail }
  }
}

/** What cannot even be begun is a failure of this address, not a bug that ends the program. */
function open(candidate: Candidate, endpoint: Endpoint, options: DialOptions): Socket | TLSSocket | AttemptError {
  const { address, port } = endpoint
  const refuse = (code: AttemptCode, detail: string, cause?: unknown) =>
    new AttemptError(code, endpoint, detail, { atMs: options.clock.now(), cause })
  if (candidate.identity.requirement === 'refuse') return refuse('mqtt/tls-refused', NOBODY_MAY_PROVE)
  // Never a name: the operating system would look it up, and no proof would cover the answer.
  if (address === undefined || isIP(address) === 0) return refuse('mqtt/unreachable', 'it has no IP address')
  try {
    if (candidate.target.service.tls) return openTls(candidate, address, port, options)
    if (candidate.identity.requirement === 'pkix') return tcpConnect({ host: address, port })
    return refuse('mqtt/tls-refused', 'DANE proves this server over TLS, so it is not used without')
  } catch (error) {
    return refuse('mqtt/unreachable', error instanceof Error ? error.message : String(error), error)
  }
}

function openTls({ identity }: Candidate, address: string, port: number, options: DialOptions): TLSSocket {
  return tlsConnect({
    host: address,
    port,
    servername: displayName(identity.serverName),
    ALPNProtocols: [...options.alpnProtocols],
    secureContext: options.secureContext,
    // Node would judge by PKIX and the CN; our verdict takes its place, so it must neither refuse nor match names.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
}
