/** Listening to an AbortSignal, and waiting that a caller can end without ending the work for others. */

interface Hub {
  readonly listeners: Set<() => void>
  close(): void
}

const hubs = new WeakMap<AbortSignal, Hub>()

/**
 * Calls the listener once when the signal aborts; the returned function takes it off again. One signal is usually given to
 * a thousand questions, and a platform warns of more than ten listeners, so they share one.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {}
  const hub = hubs.get(signal) ?? openHub(signal)
  hub.listeners.add(listener)
  return () => {
    hub.listeners.delete(listener)
    if (hub.listeners.size === 0) hub.close()
  }
}

function openHub(signal: AbortSignal): Hub {
  const listeners = new Set<() => void>()
  const run = () => {
    hubs.delete(signal)
    for (const listener of [...listeners]) listener()
  }
  const close = () => {
    hubs.delete(signal)
    signal.removeEventListener('abort', run)
  }
  const hub = { listeners, close }
  hubs.set(signal, hub)
  signal.addEventListener('abort', run, { once: true })
  return hub
}

/** Settles as `promise` does, or rejects with the signal's reason; the listener is gone in both cases. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  let stopListening = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason))
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stopListening()
  }
}
