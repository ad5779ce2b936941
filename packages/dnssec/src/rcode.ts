/** Whether a response code says the same as the proof beside it (RFC 2308 §2, RFC 9824 §5). */
import type { Name, Reply } from '@portolan/core'
import type { Fault } from './reasons.ts'
import { saysNoSuchName } from './types-at-name.ts'

export const NOERROR = 0
export const NXDOMAIN = 3

/** Whether a reply says anything that could be judged. */
export function isJudgeable({ rcode, truncated }: Reply): boolean {
  return !truncated && (rcode === NOERROR || rcode === NXDOMAIN)
}

interface ProvedAbsence {
  readonly kind: 'nodata' | 'nxdomain'
  readonly types?: ReadonlySet<number> | undefined
  readonly isLikeNxdomain?: boolean | undefined
}

/**
 * Compact denial proves under NOERROR that a name does not exist. And there are servers that take an empty non-terminal
 * for absent (RFC 8020 §3.1): their proof is whole, and shows that NODATA is meant. Nothing else may differ.
 */
export function rcodeFault(rcode: number, absence: ProvedAbsence, name: Name): Fault | undefined {
  const { kind, types, isLikeNxdomain } = absence
  const isCompact = types !== undefined && saysNoSuchName(types)
  if (isCompact || (rcode === NXDOMAIN && isLikeNxdomain === true) || (rcode === NXDOMAIN) === (kind === 'nxdomain'))
    return undefined
  const said = rcode === NXDOMAIN ? 'NXDOMAIN' : 'NOERROR'
  return { reason: 'rcode-contradicts-proof', detail: `the server says ${said} for ${name}, its proof says ${kind}` }
}
