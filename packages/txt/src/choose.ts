/** The choice of a SASL mechanism: the application's order, narrowed by a proved hint and never widened. */
import { InvalidOptionError } from '@portolan/core'
import type { TxtFact } from './fact.ts'
import { isMechanismName } from './hint.ts'

export type MechanismChoice =
  /** `hint`: the first allowed one that the operator offers. `application`: no usable hint, so the first allowed one. */
  | { readonly mechanism: string; readonly because: 'hint' | 'application' }
  /** A proved hint offers none that is allowed: to go on would be to try what the operator says it does not have. */
  | { readonly mechanism: undefined; readonly because: 'nothing-in-common'; readonly offered: readonly string[] }

/**
 * Chooses among what the application allows, in its order, strongest first. A hint that is missing or withheld changes
 * nothing, so whoever suppresses or forges it gains nothing: only signed data leads past the application's first choice.
 * @throws InvalidOptionError where `allowed` is empty or holds what is no mechanism name (RFC 4422 §3.1)
 */
export function chooseMechanism(fact: TxtFact, allowed: readonly string[]): MechanismChoice {
  const [first] = allowed
  if (first === undefined) throw new InvalidOptionError('mechanisms', 'none is allowed, name at least one')
  const strange = allowed.find((name) => !isMechanismName(name))
  if (strange !== undefined) {
    const example = 'such as "SCRAM-SHA-256"'
    throw new InvalidOptionError(
      'mechanisms',
      `${JSON.stringify(strange)} is no SASL mechanism (RFC 4422 §3.1), ${example}`,
    )
  }
  if (fact.status !== 'offered') return { mechanism: first, because: 'application' }
  const mechanism = allowed.find((name) => fact.mechanisms.includes(name))
  return mechanism === undefined
    ? { mechanism, because: 'nothing-in-common', offered: fact.mechanisms }
    : { mechanism, because: 'hint' }
}
