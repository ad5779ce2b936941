/** Whether a response code says the same as the proof beside it (RFC 2308 §2, RFC 9824 §5). */
import type { Name } from '@portolan/core'
import type { Fault } from './reasons.ts'
import { saysNoSuchName } from './types-at-name.ts'

export const NOERROR = 0
export const NXDOMAIN = 3

interface ProvedAbsence {
  readonly kind: 'nodata' | 'nxdomain'
  readonly types?: ReadonlySet<number> | undefined
}

/** Compact denial proves under NOERROR that a name does not exist; nothing else may differ. */
export function rcodeFault(rcode: number, { kind, types }: ProvedAbsence, name: Name): Fault | undefined {
  const isCompact = types !== undefined && saysNoSuchName(types)
  if (isCompact || (rcode === NXDOMAIN) === (kind === 'nxdomain')) return undefined
  const said = rcode === NXDOMAIN ? 'NXDOMAIN' : 'NOERROR'
  return { reason: 'rcode-contradicts-proof', detail: `the server says ${said} for ${name}, its proof says ${kind}` }
}
