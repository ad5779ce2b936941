/** Several ways to one end, the next begun where those before it failed or were silent for long (as RFC 8305 has it for addresses). */
import { isPortolanError, LookupError, onAbort, type Query, typeText } from '@portolan/core'

export type Attempt<T> = (signal: AbortSignal) => Promise<T>

export interface StaggerOptions<T> {
  /** How long one may be silent before the next is begun beside it, in milliseconds. */
  readonly patienceMs: number
  /** A result that is only a last resort: the next way is tried. */
  readonly isLastResort: (result: T) => boolean
  readonly signal?: AbortSignal | undefined
}

export interface Outcome<T> {
  /** The first good result, with the index of its attempt. */
  readonly winner?: { readonly index: number; readonly result: T } | undefined
  /** In the order of the attempts. */
  readonly lastResorts: readonly T[]
  readonly errors: readonly unknown[]
}

/**
 * Runs the attempts until one has a good result; those that lost are aborted.
 * Rejects with the caller's abort reason, or with an error that is not ours: that is a bug, not a failure.
 */
export function staggered<T>(attempts: readonly Attempt<T>[], options: StaggerOptions<T>): Promise<Outcome<T>> {
  const { patienceMs, isLastResort, signal } = options
  const lastResorts: Numbered<T>[] = []
  const errors: Numbered<unknown>[] = []
  const stop = new AbortController()
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    let begun = 0
    let running = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      stopListening()
      settle()
      // Aborting makes an exception with a stack: too dear where nobody is left to hear of it.
      if (running > 0) stop.abort(signal?.reason)
    }
    const resolveWith = (winner?: Outcome<T>['winner']) =>
      finish(() => resolve({ winner, lastResorts: inOrder(lastResorts), errors: inOrder(errors) }))
    const stopListening = onAbort(signal, () => finish(() => reject(signal?.reason)))
    const beginNext = () => {
      clearTimeout(timer)
      if (stop.signal.aborted) return
      const index = begun
      const attempt = attempts[index]
      if (attempt === undefined) {
        if (running === 0) resolveWith()
        return
      }
      begun++
      running++
      timer = setTimeout(beginNext, patienceMs)
      const onResult = (result: T) => {
        running--
        if (!isLastResort(result)) return resolveWith({ index, result })
        lastResorts.push({ index, value: result })
        beginNext()
      }
      const onError = (error: unknown) => {
        running--
        if (!isPortolanError(error)) return finish(() => reject(error))
        errors.push({ index, value: error })
        beginNext()
      }
      attempt(stop.signal).then(onResult, onError)
    }
    beginNext()
  })
}

interface Numbered<T> {
  readonly index: number
  readonly value: T
}

function inOrder<T>(numbered: readonly Numbered<T>[]): readonly T[] {
  return numbered.toSorted((a, b) => a.index - b.index).map(({ value }) => value)
}

/** What came back alone: the whole says once what was asked, and of whom where that is the same. */
function whatCameBack(error: unknown, server: string | undefined): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof LookupError)) return error.message
  return error.server === server ? error.why : `${error.why} (asked ${error.server})`
}

/** One error of several: the first one's code, since that is the way that was meant to work; all are in `attempts`. */
export function joinedError(query: Query, errors: readonly unknown[]): unknown {
  const [first] = errors
  if (errors.length < 2 || !(first instanceof LookupError)) return first
  const { code, server, rcode } = first
  const why = errors.map((error) => whatCameBack(error, server)).join('; then ')
  return new LookupError(code, why, {
    owner: query.name,
    type: typeText(query.type),
    server,
    rcode,
    cause: first,
    attempts: errors,
  })
}
