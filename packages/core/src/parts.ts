/** One discovery ended as a whole, its questions part by part. */

/** What is asked about one target, or about one service. */
export interface Part {
  /** Aborts with the whole. */
  readonly signal: AbortSignal
  /** Nothing of it is asked any more. */
  end(): void
}

/**
 * Thousands of questions listen for the end of one discovery, and Node takes more than ten listeners on one signal for a
 * leak: each part has a signal of its own. (`AbortSignal.any` would do, at the price of weak references that outlive it.)
 */
export function partsOf(whole: AbortSignal): () => Part {
  const running = new Set<AbortController>()
  whole.addEventListener('abort', () => {
    for (const one of running) one.abort(whole.reason)
  })
  return () => {
    const own = new AbortController()
    running.add(own)
    if (whole.aborted) own.abort(whole.reason)
    return { signal: own.signal, end: () => void running.delete(own) }
  }
}
