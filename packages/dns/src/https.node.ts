/** DNS over HTTPS by HTTP/2 (RFC 8484 §5.2), which Node's own `fetch` does not speak and many servers insist on. */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import { type HttpsOptions, https as overFetch } from './https.ts'
import { requireRange } from './range.ts'
import type { ClosableExchange } from './transport.ts'

export interface Http2Options extends Omit<HttpsOptions, 'fetch'> {
  /** Certificates to trust, in PEM; default those of the platform. */
  readonly ca?: string | readonly string[] | undefined
  /** How long a connection without traffic is kept; default 5,000 ms, from 1 to 120,000. It never keeps a process from ending. */
  readonly idleMs?: number | undefined
}

/**
 * Asks one server over one connection, many questions at a time. Rejects as the neutral `https` does.
 * @throws InvalidOptionError
 */
export function https({ ca, idleMs = 5_000, ...options }: Http2Options): ClosableExchange {
  requireRange('idleMs', idleMs, 1, 120_000)
  let current: Connection | undefined
  let isClosed = false
  const connection = (origin: string): Connection => {
    if (isClosed) throw new Error('the transport is closed')
    if (current === undefined || current.session.closed || current.session.destroyed) {
      current = connected(origin, ca, idleMs)
    }
    return current
  }
  const fetch: NonNullable<HttpsOptions['fetch']> = async (input, init = {}) => {
    const url = new URL(String(input))
    const first = connection(url.origin)
    try {
      return await posted(first.session, url, init)
    } catch (error) {
      // A server may close at any time, or take fewer streams than it said: what it left unanswered is asked once more.
      if (!first.wasReady || init.signal?.aborted === true || isClosed) throw error
      first.session.close()
      return posted(connection(url.origin).session, url, init)
    }
  }
  const close = () => {
    isClosed = true
    current?.session.destroy()
  }
  const exchange = overFetch({ ...options, fetch })
  return Object.assign(exchange, { close })
}

interface Connection {
  readonly session: ClientHttp2Session
  wasReady: boolean
}

function connected(origin: string, ca: Http2Options['ca'], idleMs: number): Connection {
  // Not imported above: it takes longer to load than the rest of this package, and few ask this way.
  const session = process.getBuiltinModule('node:http2').connect(origin, ca === undefined ? {} : { ca: [ca].flat() })
  const connection = { session, wasReady: false }
  session.once('connect', () => {
    connection.wasReady = true
  })
  // Each request hears of it; here it only must not end the process.
  session.on('error', () => {})
  session.on('goaway', () => session.close())
  session.setTimeout(idleMs, () => session.close())
  // Whoever waits for a reply has a timer of their own.
  session.unref()
  return connection
}

/** Rejects only where no whole head of a response came. */
function posted(session: ClientHttp2Session, { pathname, search }: URL, init: RequestInit): Promise<Response> {
  const { headers, body, signal } = init
  const octets = body instanceof Uint8Array ? body : new Uint8Array()
  return new Promise((resolve, reject) => {
    const fields = {
      ':method': 'POST',
      ':path': `${pathname}${search}`,
      ...Object.fromEntries(new Headers(headers)),
      // BIND refuses a POST that does not say its length.
      'content-length': String(octets.length),
    }
    const request = session.request(fields, signal ? { signal } : {})
    // Where the connection failed, Node cancels the stream and keeps the reason as cause.
    request.on('error', (error) => reject(error.cause ?? error))
    request.on('close', () => reject(new Error('the server closed the stream')))
    request.on('response', ({ ':status': status = 0, 'content-type': type = '' }) => {
      resolve(responseOf(request, status, type))
    })
    request.end(octets)
  })
}

function responseOf(request: ClientHttp2Stream, status: number, type: string): Response {
  if (status === 200) return new Response(Readable.toWeb(request) as BodyInit, { headers: { 'content-type': type } })
  request.close()
  // `Response` takes only some numbers, a server may send any.
  return Object.defineProperty(new Response(null), 'status', { value: status })
}
