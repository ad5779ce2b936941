/** What is left of the work that one question may cause. */
import type { Limits } from './limits.ts'

/** How much more all walks together may cost than the replies themselves. */
const WALK_FACTOR = 4

export class Budget {
  readonly #cryptoBudget: number
  #crypto: number
  #zoneSteps: number
  #walk: Budget | undefined
  constructor({ cryptoBudget, zoneSteps }: Pick<Limits, 'cryptoBudget' | 'zoneSteps'>) {
    this.#cryptoBudget = cryptoBudget
    this.#crypto = cryptoBudget
    this.#zoneSteps = zoneSteps
  }
  /** For the walks to the zones of the question, which others share: its own work does not suffer from them. */
  ofWalk(): Budget {
    this.#walk ??= new Budget({ cryptoBudget: this.#cryptoBudget * WALK_FACTOR, zoneSteps: 0 })
    return this.#walk
  }
  /** False where nothing is left. */
  takeCrypto(): boolean {
    return this.#crypto-- > 0
  }
  takeZoneStep(): boolean {
    return this.#zoneSteps-- > 0
  }
}
