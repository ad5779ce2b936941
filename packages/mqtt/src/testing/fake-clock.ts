/** For tests: time that stands still until it is told to pass. */
import { type Clock, systemClock } from '../clock.ts'

export interface FakeClock extends Clock {
  /** Passes time and runs what falls due, in its order. */
  pass(durationMs: number): void
  /** How many timers wait. */
  readonly waiting: number
  /** Delays that were asked for, in order. */
  readonly delaysMs: readonly number[]
}

/** @param startMs milliseconds since 1970 */
export function fakeClock(startMs = 1_000_000, random = 0.5): FakeClock {
  let nowMs = startMs
  let timers: { readonly dueMs: number; readonly run: () => void }[] = []
  const delaysMs: number[] = []
  return {
    now: () => nowMs,
    random: () => random,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run }
      delaysMs.push(delayMs)
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    pass(durationMs) {
      const untilMs = nowMs + durationMs
      for (;;) {
        const due = timers.filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs)[0]
        if (due === undefined) break
        timers = timers.filter((other) => other !== due)
        nowMs = Math.max(nowMs, due.dueMs)
        due.run()
      }
      nowMs = untilMs
    },
    get waiting() {
      return timers.length
    },
    delaysMs,
  }
}

/** The system's clock, which knows how many of its timers still wait. */
export function countingClock(): Clock & { readonly waiting: number } {
  const timers = new Set<object>()
  return {
    ...systemClock,
    after(delayMs, run) {
      const timer = {}
      timers.add(timer)
      const cancel = systemClock.after(delayMs, () => {
        timers.delete(timer)
        run()
      })
      return () => {
        timers.delete(timer)
        cancel()
      }
    },
    get waiting() {
      return timers.size
    },
  }
}
