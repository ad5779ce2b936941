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
    const one = new AbortController()
    running.add(one)
    if (whole.aborted) one.abort(whole.reason)
    return {
      // A signal costs more than all else of a part, and not every part asks.
      get signal() {
        return one.signal
      },
      end: () => void running.delete(one),
    }
  }
}
