/** One question under a limit of time, a caller's signal and a line: however it ends, nothing of it stays behind. */
import { onAbort } from './abort.ts'
import type { Slots } from './slots.ts'

export interface Bounds {
  /** Waiting in line included. */
  readonly timeoutMs: number
  /** What it rejects with when its time is over. */
  readonly lateness: () => unknown
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

/** Begins when there is a slot. Settles as `begin` says, or rejects with the signal's reason or the lateness. */
export function bounded<T>(
  { timeoutMs, lateness, signal, line }: Bounds,
  begin: (running: Running<T>) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const releases: (() => void)[] = []
    let hasEnded = false
    const end = (settle: () => void) => {
      if (hasEnded) return
      hasEnded = true
      settle()
      for (const release of releases) release()
    }
    const running: Running<T> = {
      get hasEnded() {
        return hasEnded
      },
      resolve: (value) => end(() => resolve(value)),
      reject: (error) => end(() => reject(error)),
      onEnd(release) {
        if (hasEnded) release()
        else releases.push(release)
      },
    }
    const timer = setTimeout(() => running.reject(lateness()), timeoutMs)
    running.onEnd(() => clearTimeout(timer))
    running.onEnd(onAbort(signal, () => running.reject(signal?.reason)))
    const beginSafely = () => {
      try {
        begin(running)
      } catch (error) {
        running.reject(error)
      }
    }
    running.onEnd(line.enter(beginSafely))
  })
}
