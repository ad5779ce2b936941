/** Times of signatures: 32-bit serial numbers held against the wall clock (RFC 4034 §3.1.5, RFC 1982). */
import type { Rrsig } from './records/rrsig.ts'

/** Signed distance from `b` to `a` on the circle of serial numbers. */
export function serialDifference(a: number, b: number): number {
  return (a - b) | 0
}

/** The moment near `nowMs` that a serial time means. */
export function serialToMs(serial: number, nowMs: number): number {
  const nowSeconds = Math.floor(nowMs / 1000)
  return (nowSeconds + serialDifference(serial, nowSeconds)) * 1000
}

/** Where the clock stands in a validity period; both its ends belong to it (RFC 4035 §5.3.1). */
export type Period = 'valid' | 'expired' | 'not-yet-valid' | 'expired-before-valid'

export function periodOf(
  { inception, expiration }: Pick<Rrsig, 'inception' | 'expiration'>,
  nowMs: number,
  toleranceMs: number,
): Period {
  if (serialDifference(expiration, inception) < 0) return 'expired-before-valid'
  // Differences rather than moved times: serial arithmetic holds for differences below half of the circle only.
  const tolerance = toleranceMs / 1000
  const now = Math.floor(nowMs / 1000)
  if (serialDifference(now, expiration) > tolerance) return 'expired'
  if (serialDifference(inception, now) > tolerance) return 'not-yet-valid'
  return 'valid'
}

/** A difference between the two clocks above this is a step of the wall clock. */
const CLOCK_STEP_MS = 1_000

/** Wall clock and monotonic clock held against each other. */
export interface Clocks {
  /** How often the wall clock was set: verdicts by time then end, data stay. A sleep of the machine looks the same. */
  steps(): number
  /** Signatures held by the wall clock: what it runs ahead from now on is time that has passed, asleep perhaps. */
  confirm(): void
  /** Runs on while the machine sleeps, but not when a wrong clock is set right. */
  elapsedMs(): number
}

export function clocksOf(now: () => number, monotonicNow: () => number): Clocks {
  let offsetMs = now() - monotonicNow()
  let steps = 0
  let sleptMs = 0
  let isConfirmed = false
  const look = () => {
    const stepMs = now() - monotonicNow() - offsetMs
    if (Math.abs(stepMs) <= CLOCK_STEP_MS) return
    offsetMs += stepMs
    steps++
    // Who sleeps may do so again before anything else is proved: there may be no network after waking.
    if (stepMs > 0 && isConfirmed) sleptMs += stepMs
    else isConfirmed = false
  }
  return {
    steps() {
      look()
      return steps
    },
    confirm() {
      look()
      isConfirmed = true
    },
    elapsedMs() {
      look()
      return monotonicNow() + sleptMs
    },
  }
}
