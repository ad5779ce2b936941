/** One question under a limit of time, a caller's signal and a line: however it ends, nothing of it stays behind. */
import { onAbort } from '@portolan/core'
import type { Slots } from './slots.ts'

export interface Bounds {
  /** Waiting in line included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly line: Slots
}

export interface Running<T> {
  readonly hasEnded: boolean
  /** Only the first end counts. */
  resolve(value: T): void
  reject(error: unknown): void
  /** Calls back when it ends; at once where it has. */
  onEnd(release: () => void): void
}

export interface Task<T> {
  /** Called when there is a slot; what it throws is what the task rejects with. */
  begin(running: Running<T>): void
  /** What it rejects with when its time is over. */
  lateness(): unknown
}

/** Settles as the task says, or rejects with the signal's reason or the lateness. */
export function bounded<T>(bounds: Bounds, task: Task<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    bounds.signal?.throwIfAborted()
    new Run(task, resolve, reject).start(bounds)
  })
}

/** A class, because thousands may run at a time: closures would be more for each garbage collection to copy. */
class Run<T> implements Running<T> {
  hasEnded = false
  readonly #task: Task<T>
  readonly #resolve: (value: T) => void
  readonly #reject: (error: unknown) => void
  readonly #releases: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(task: Task<T>, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#task = task
    this.#resolve = resolve
    this.#reject = reject
  }

  start({ timeoutMs, signal, line }: Bounds): void {
    this.#timer = setTimeout(endLate, timeoutMs, this)
    this.onEnd(onAbort(signal, () => this.reject(signal?.reason)))
    this.onEnd(line.enter(() => this.#begin()))
  }

  #begin(): void {
    try {
      this.#task.begin(this)
    } catch (error) {
      this.reject(error)
    }
  }

  resolve(value: T): void {
    if (this.#end()) this.#resolve(value)
  }

  reject(error: unknown): void {
    if (this.#end()) this.#reject(error)
  }

  endLate(): void {
    this.reject(this.#task.lateness())
  }

  onEnd(release: () => void): void {
    if (this.hasEnded) release()
    else this.#releases.push(release)
  }

  /** False where it had ended before. */
  #end(): boolean {
    if (this.hasEnded) return false
    this.hasEnded = true
    clearTimeout(this.#timer)
    for (const release of this.#releases) release()
    return true
  }
}

function endLate<T>(run: Run<T>): void {
  run.endLate()
}
