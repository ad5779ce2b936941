/** What is known of the zone that holds a name. */
import type { Link, Name, Unproved } from '@portolan/core'
import type { ZoneKey } from './keys.ts'

export interface SecureZone {
  readonly security: 'secure'
  /** The apex; the name that was asked about stands in this zone. */
  readonly zone: Name
  readonly keys: readonly ZoneKey[]
  readonly chain: readonly Link[]
  readonly validUntilMs: number
  /** Nothing exists at the name or below: no further cut can be there. */
  readonly isBarren?: boolean | undefined
}

export type ZoneState = SecureZone | Unproved<'insecure'> | Unproved<'bogus'>
