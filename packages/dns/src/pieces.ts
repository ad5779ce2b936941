/** Work that can be done in pieces: a large answer, read at once, would hold up whatever else the process does. */

/** Each step is one piece, of some tenths of a millisecond in a process that has just begun. */
export type Pieces<T> = Generator<void, T, void>

/** All pieces at once. */
export function whole<T>(pieces: Pieces<T>): T {
  for (;;) {
    const step = pieces.next()
    if (step.done) return step.value
  }
}
