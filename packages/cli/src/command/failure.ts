/** How a failure is told: on standard error for people, and as JSON for programs. */
import { DiscoveryError } from '@portolan/core'
import type { Failure } from '../report/report.ts'
import { struckOutOf } from '../report/report-of.ts'
import type { Paint } from './colour.ts'
import type { Explanation } from './explain.ts'
import { printable } from './printable.ts'

export function renderExplanation({ code, message, advice }: Explanation, paint: Paint): string {
  const [first = '', ...more] = printable(message).split('\n')
  const lines = [`${paint.bad('portolan:')} ${first} ${paint.faint(`[${code}]`)}`, ...more]
  return `${[...lines, ...advice.map((line) => printable(`  ${line}`))].join('\n')}\n`
}

export function failureOf(domain: string, { code, message, advice, status }: Explanation, error: unknown): Failure {
  const struckOut = error instanceof DiscoveryError ? error.vetoed.map(struckOutOf) : []
  return { version: 1, domain, error: { code, message, advice, exitStatus: status, struckOut } }
}
