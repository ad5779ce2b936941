/** One decision, as `--verbose` tells it while discovery runs. */
import { displayName, type TraceEntry } from '@portolan/core'
import type { ConnectEvent } from '@portolan/mqtt'
import type { Paint } from './colour.ts'
import { printable } from './printable.ts'

export function renderDecision({ subject, type, code, proof, detail }: TraceEntry, paint: Paint): string {
  const about = type === undefined ? displayName(subject) : `${displayName(subject)} ${type}`
  const reason = proof === undefined || proof.security === 'secure' ? '' : ` (${proof.reason})`
  const how = proof === undefined ? '' : ` [${proof.security}${reason}]`
  return line(code, `${about}: ${detail}${how}`, paint)
}

/** One step of a connection. */
export function renderEvent(event: ConnectEvent, paint: Paint): string {
  const endpoint = 'endpoint' in event ? `${displayName(event.endpoint.host)}:${event.endpoint.port}` : ''
  const address = 'endpoint' in event && event.endpoint.address !== undefined ? ` (${event.endpoint.address})` : ''
  const words = [`${endpoint}${address}`, detailOf(event)].filter((part) => part !== '')
  return line(event.type, words.join(': '), paint)
}

/** The verdict on a peer is a decision of the trace, which tells it already. */
export function isInTrace(event: ConnectEvent): boolean {
  return event.type === 'proved' || (event.type === 'attempt-failed' && event.error.code === 'mqtt/tls-refused')
}

function detailOf(event: ConnectEvent): string {
  switch (event.type) {
    case 'candidate':
      return `${displayName(event.candidate.target.host)}:${event.candidate.target.port}`
    case 'connack':
      return `${event.reasonCode} ${event.reason}`
    case 'waiting':
      return `${Math.round(event.delayMs)} ms`
    case 'attempt-failed':
    case 'connect-failed':
    case 'lost':
      return event.error.detail
    case 'discovery-failed':
    case 'gave-up':
      return event.error instanceof Error ? event.error.message : String(event.error)
    default:
      return ''
  }
}

function line(what: string, text: string, paint: Paint): string {
  return text === '' ? `${paint.faint(what)}\n` : `${paint.faint(what.padEnd(20))} ${printable(text)}\n`
}
