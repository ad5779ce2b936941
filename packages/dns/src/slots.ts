/** At most so many at a time, the others wait in line. */
import { onAbort } from '@portolan/core'

export interface Slots {
  /** What hands a slot back, to be called once; `undefined` where there is none just now. */
  takeNow(): (() => void) | undefined
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
  const takeNow = () => {
    if (free === 0) return undefined
    free--
    return giveBack
  }
  return {
    takeNow,
    enter(onTurn) {
      const leave = takeNow()
      if (leave !== undefined) {
        onTurn()
        return leave
      }
      const inLine = () => onTurn()
      line.add(inLine)
      return () => {
        if (!line.delete(inLine)) giveBack()
      }
    },
    async take(signal) {
      signal?.throwIfAborted()
      const leave = takeNow()
      if (leave !== undefined) return leave
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
