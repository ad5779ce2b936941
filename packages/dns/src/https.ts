/** DNS over HTTPS by the platform's `fetch` (RFC 8484): runs in browsers too. */
import { type Exchange, InvalidOptionError, isPortolanError, nextTurn, type Query, type Reply } from '@portolan/core'
import { withDeadline } from './deadline.ts'
import { failureOf } from './failure.ts'
import { writeQuery } from './query.ts'
import { requireRange } from './range.ts'
import { joined } from './rdata.ts'
import { replyPieces } from './reply.ts'
import { slots } from './slots.ts'

const MEDIA_TYPE = 'application/dns-message'
const MAX_MESSAGE_OCTETS = 65_535

export interface HttpsOptions {
  /** Such as `https://192.0.2.53/dns-query`. A name in it is resolved by the platform, which proves nothing about it but by TLS. */
  readonly url: string
  /** For one question, waiting in line included; default 5,000 ms, from 1 to 60,000. */
  readonly timeoutMs?: number | undefined
  /** Questions at a time, the others wait in line; default 50, from 1 to 1,000. */
  readonly maxInFlight?: number | undefined
  /** Default the platform's. */
  readonly fetch?: typeof fetch | undefined
}

/**
 * Asks one server by POST, so that nothing on the way caches. The id is 0 (RFC 8484 §4.1): TLS ties the reply to the question.
 * Rejects with LookupError `dns/timeout`, `dns/network` (no connection, a redirect, any status but 200), `dns/malformed`
 * or `dns/mismatched-reply`.
 * @throws InvalidOptionError for another scheme than https, among others
 */
export function https(options: HttpsOptions): Exchange {
  const { timeoutMs = 5_000, maxInFlight = 50 } = options
  requireRange('timeoutMs', timeoutMs, 1, 60_000)
  requireRange('maxInFlight', maxInFlight, 1, 1_000)
  const url = httpsUrl(options.url)
  const inFlight = slots(maxInFlight)
  return async (query, { signal } = {}) => {
    const failure = failureOf(query, url)
    const lateness = () => failure('dns/timeout', `no reply within ${timeoutMs} ms`)
    return withDeadline(timeoutMs, lateness, signal, async (stop) => {
      const giveBack = await inFlight.take(stop)
      try {
        const octets = await post(options.fetch ?? fetch, url, writeQuery(query, { id: 0 }), stop)
        return await read(octets, query, url, stop)
      } catch (cause) {
        stop.throwIfAborted()
        if (isPortolanError(cause)) throw cause
        throw failure('dns/network', cause instanceof Error ? cause.message : String(cause), { cause })
      } finally {
        giveBack()
      }
    })
  }
}

/** Large replies come this way too, and whoever asks goes on serving others meanwhile. */
async function read(octets: Uint8Array, query: Query, url: string, signal: AbortSignal): Promise<Reply> {
  const pieces = replyPieces(octets, query, url)
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
    await nextTurn()
    signal.throwIfAborted()
  }
}

function httpsUrl(text: string): string {
  if (!URL.canParse(text)) throw new InvalidOptionError('url', `${JSON.stringify(text)} is no URL`)
  const url = new URL(text)
  if (url.protocol !== 'https:') throw new InvalidOptionError('url', `${JSON.stringify(text)} is not https`)
  return url.href
}

async function post(ask: typeof fetch, url: string, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const response = await ask(url, {
    method: 'POST',
    headers: { 'content-type': MEDIA_TYPE, accept: MEDIA_TYPE },
    body: Uint8Array.from(message),
    redirect: 'error',
    cache: 'no-store',
    credentials: 'omit',
    signal,
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`HTTP status ${response.status}`)
  }
  const type = response.headers.get('content-type') ?? 'nothing'
  if (type.split(';')[0]?.trim().toLowerCase() !== MEDIA_TYPE) {
    await response.body?.cancel()
    throw new Error(`the server sent ${type}, not ${MEDIA_TYPE}`)
  }
  return wholeBody(response)
}

/** At most one message: a server that never stops sending is left. */
async function wholeBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || value === undefined) return joined(chunks)
    chunks.push(value)
    length += value.length
    if (length <= MAX_MESSAGE_OCTETS) continue
    await reader?.cancel()
    throw new Error(`more than ${MAX_MESSAGE_OCTETS} octets came`)
  }
}
