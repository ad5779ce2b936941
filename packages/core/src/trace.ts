/** The record of every decision, in the order in which they were taken. */
import type { Name } from './name.ts'
import type { TraceEntry } from './plugin.ts'

/** Writes one decision down. */
export type Note = (entry: Omit<TraceEntry, 'atMs'>) => void

export interface Trace {
  readonly entries: readonly TraceEntry[]
  readonly note: Note
  /** Notes of one subject. */
  about(subject: Name): (entry: Omit<TraceEntry, 'atMs' | 'subject'>) => void
}

/** @param onEntry is told of each entry as it is made */
export function startTrace(now: () => number, onEntry?: (entry: TraceEntry) => void): Trace {
  const entries: TraceEntry[] = []
  const note: Note = (entry) => {
    const whole = { atMs: now(), ...entry }
    entries.push(whole)
    onEntry?.(whole)
  }
  return { entries, note, about: (subject) => (entry) => note({ subject, ...entry }) }
}
