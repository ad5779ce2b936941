/** Options that are numbers, checked before anything is asked. */
import { InvalidOptionError } from '@portolan/core'

/** @throws InvalidOptionError where the value is no number from min to max */
export function requireRange(option: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new InvalidOptionError(option, `${value} is not from ${min} to ${max}`)
}
