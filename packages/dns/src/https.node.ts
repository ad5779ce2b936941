/** DNS over HTTPS by HTTP/2 (RFC 8484 §5.2), which Node's own `fetch` does not speak and many servers insist on. */
import { type ClientHttp2Session, connect } from 'node:http2'
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
  let session: ClientHttp2Session | undefined
  let isClosed = false
  const connected = (origin: string) => {
    if (isClosed) throw new Error('the transport is closed')
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const fresh = connect(origin, ca === undefined ? {} : { ca: [ca].flat() })
    // Each request hears of it; here it only must not end the process.
    fresh.on('error', () => {})
    fresh.on('goaway', () => fresh.close())
    fresh.setTimeout(idleMs, () => fresh.close())
    // Whoever waits for a reply has a timer of their own.
    fresh.unref()
    session = fresh
    return fresh
  }
  const fetch: NonNullable<HttpsOptions['fetch']> = async (input, init) => {
    const { origin, pathname, search } = new URL(String(input))
    return posted(connected(origin), `${pathname}${search}`, init)
  }
  const close = () => {
    isClosed = true
    session?.destroy()
  }
  return Object.assign(overFetch({ ...options, fetch }), { close })
}

function posted(
  session: ClientHttp2Session,
  path: string,
  { headers, body, signal }: RequestInit = {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = session.request(
      { ':method': 'POST', ':path': path, ...Object.fromEntries(new Headers(headers)) },
      signal ? { signal } : {},
    )
    // Where the connection failed, Node cancels the stream and keeps the reason as cause.
    request.on('error', (error) => reject(error.cause ?? error))
    request.on('close', () => reject(new Error('the server closed the stream')))
    request.on('response', ({ ':status': status, 'content-type': type = '' }) => {
      if (status === 200)
        return resolve(new Response(Readable.toWeb(request) as BodyInit, { headers: { 'content-type': type } }))
      request.close()
      reject(new Error(`HTTP status ${status}`))
    })
    request.end(body)
  })
}
