/** At most so many at a time, the others wait in line. */
import { onAbort } from './abort.ts'

export interface Slots {
  /**
   * Waits for a slot and gives what hands it back, to be called once.
   * Rejects with the signal's reason.
   */
  take(signal?: AbortSignal): Promise<() => void>
  /** Calls back when there is a slot, maybe at once. The returned function, to be called once, hands it back or leaves the line. */
  enter(onTurn: () => void): () => void
}

export function slots(count: number): Slots {
  let free = count
  const line = new Set<() => void>()
  const giveBack = () => {
    const [next] = line
    if (next === undefined) free++
    else {
      line.delete(next)
      next()
    }
  }
  return {
    enter(onTurn) {
      if (free > 0) {
        free--
        onTurn()
        return giveBack
      }
      const inLine = () => onTurn()
      line.add(inLine)
      return () => {
        if (!line.delete(inLine)) giveBack()
      }
    },
    async take(signal) {
      signal?.throwIfAborted()
      if (free > 0) {
        free--
        return giveBack
      }
      return new Promise((resolve, reject) => {
        const onTurn = () => {
          stopListening()
          resolve(giveBack)
        }
        const stopListening = onAbort(signal, () => {
          line.delete(onTurn)
          reject(signal?.reason)
        })
        line.add(onTurn)
      })
    },
  }
}
