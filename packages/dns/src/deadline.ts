/** Work under two limits: the caller's signal and our own time. */
import { onAbort } from '@portolan/core'

/**
 * Gives the work a signal that aborts with the caller's reason, or after `timeoutMs` with `lateness()`. Work that honours
 * it rejects with that; no timer and no listener stays behind.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  lateness: () => unknown,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(lateness()), timeoutMs)
  const stopListening = onAbort(signal, () => stop.abort(signal?.reason))
  try {
    return await work(stop.signal)
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}
