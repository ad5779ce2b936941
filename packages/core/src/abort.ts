/** Listening to an AbortSignal, and waiting that a caller can end without ending the work for others. */

const listenersOf = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls the listener once when the signal aborts; the returned function takes it off again. One signal is usually given to
 * a thousand questions, and a platform warns of more than ten listeners, so they share one.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {}
  let listeners = listenersOf.get(signal)
  if (listeners === undefined) {
    listeners = new Set()
    listenersOf.set(signal, listeners)
    signal.addEventListener('abort', callAll, { once: true })
  }
  listeners.add(listener)
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) close(signal)
  }
}

function callAll(this: AbortSignal): void {
  const listeners = listenersOf.get(this) ?? []
  listenersOf.delete(this)
  for (const listener of [...listeners]) listener()
}

function close(signal: AbortSignal): void {
  listenersOf.delete(signal)
  signal.removeEventListener('abort', callAll)
}

/** Settles as `promise` does, or rejects with the signal's reason; the listener is gone in both cases. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const stopListening = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(stopListening)
  })
}
