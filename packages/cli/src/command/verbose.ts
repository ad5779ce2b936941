/** One decision, as `--verbose` tells it while discovery runs. */
import { displayName, type TraceEntry } from '@portolan/core'
import type { Paint } from './colour.ts'
import { printable } from './printable.ts'

export function renderDecision({ subject, type, code, proof, detail }: TraceEntry, paint: Paint): string {
  const about = type === undefined ? displayName(subject) : `${displayName(subject)} ${type}`
  const reason = proof === undefined || proof.security === 'secure' ? '' : ` (${proof.reason})`
  const how = proof === undefined ? '' : ` [${proof.security}${reason}]`
  return `${paint.faint(printable(code.padEnd(20)))} ${printable(`${about}: ${detail}${how}`)}\n`
}
