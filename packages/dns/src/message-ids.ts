/** Message ids that nobody guesses and that no two questions in flight on one socket share (RFC 5452 §9.2). */

/** Ids for one socket, each with what waits for its reply. */
export interface MessageIds<T> {
  readonly size: number
  /** Takes a free id, from 0 to 65,535. At most 65,535 may be taken at a time. */
  take(waiting: T): number
  get(id: number): T | undefined
  replace(id: number, waiting: T): void
  free(id: number): void
  all(): Iterable<T>
}

/** @param randomId draws 0–65535; the platform's CSPRNG where none is given */
export function messageIds<T>(randomId: () => number = fromCsprng): MessageIds<T> {
  const taken = new Map<number, T>()
  return {
    get size() {
      return taken.size
    },
    take(waiting) {
      let id = randomId()
      // Stepping on keeps a source that repeats itself from holding us up.
      while (taken.has(id)) id = (id + 1) & 0xffff
      taken.set(id, waiting)
      return id
    },
    get: (id) => taken.get(id),
    replace: (id, waiting) => void taken.set(id, waiting),
    free: (id) => void taken.delete(id),
    all: () => taken.values(),
  }
}

/** The CSPRNG is asked for many at a time, since each call costs more than the rest of a question. */
let drawn = new Uint16Array()
let used = 0

function fromCsprng(): number {
  if (used === drawn.length) {
    drawn = crypto.getRandomValues(new Uint16Array(256))
    used = 0
  }
  return drawn[used++] ?? 0
}
