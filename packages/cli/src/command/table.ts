/** A report as a person reads it: one line on the whole, a table of brokers, and those that were struck out. */
import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import type { Broker, Dane, Judgement, Place, Report, Sasl } from '../report/report.ts'
import type { Paint } from './colour.ts'
import { duration } from './duration.ts'
import { printable } from './printable.ts'

export interface TableOptions {
  readonly paint: Paint
  /** Columns of the terminal: the last column wraps there. Absent: nothing wraps. */
  readonly columns?: number | undefined
  /** Milliseconds since 1970, to say for how long the list holds. */
  readonly nowMs: number
}

export function renderReport(report: Report, options: TableOptions): string {
  const parts = [headline(report, options), brokerTable(report.brokers, options)]
  if (report.struckOut.length > 0) parts.push(struckOut(report, options.paint))
  const doubt = doubtOf(report)
  if (doubt !== undefined) parts.push(doubt)
  return `${parts.join('\n\n')}\n`
}

function headline({ domain, service, brokers, expiresAt }: Report, { paint, nowMs }: TableOptions): string {
  const count = `${brokers.length} ${brokers.length === 1 ? 'broker' : 'brokers'}`
  const where = service.fallback ? `no SRV records at ${service.name}: the domain itself` : service.name
  const how = colouredState(service.security, paint)
  const validity = `valid for ${duration(Date.parse(expiresAt) - nowMs)}`
  return `${paint.strong(domain)}: ${count} (${where}; ${how}; ${validity})`
}

const HEAD = ['rank', 'broker', 'port', 'addresses', 'km', 'SASL', 'DANE', 'security', 'why'] as const
const MIN_WHY_COLUMNS = 24

/** A table where the terminal has room for it, a block for each broker where it has not. */
function brokerTable(brokers: readonly Broker[], { paint, columns }: TableOptions): string {
  const rows = brokers.map((broker) => cellsOf(broker, paint))
  if (columns === undefined) return tableOf(rows, paint)
  const widths = HEAD.map((title, i) => GAP + Math.max(title.length, ...rows.map((row) => widest(row[i] ?? ''))))
  const left = columns - widths.slice(0, -1).reduce((sum, width) => sum + width, 0)
  if (left < MIN_WHY_COLUMNS + GAP) return rows.map((row) => blockOf(row, paint)).join('\n\n')
  return tableOf(rows, paint, [...widths.slice(0, -1), left])
}

function tableOf(rows: readonly string[][], paint: Paint, colWidths?: number[]): string {
  const table = new Table({
    head: HEAD.map((title) => paint.strong(title)),
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [] },
    colAligns: HEAD.map((title) => (RIGHT.has(title) ? 'right' : 'left')),
    ...(colWidths === undefined ? {} : { colWidths, wordWrap: true }),
  })
  table.push(...rows)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function blockOf([rank, host, port, ...more]: readonly string[], paint: Paint): string {
  const lines = more.map((cell, i) => `   ${(HEAD[i + 3] ?? '').padEnd(10)} ${cell.replaceAll('\n', ' ')}`)
  return [`${rank}. ${paint.strong(`${host?.replaceAll('\n', ' ')} ${port}`)}`, ...lines].join('\n')
}

const GAP = 2
const RIGHT: ReadonlySet<string> = new Set(['rank', 'port', 'km'])

function cellsOf(broker: Broker, paint: Paint): string[] {
  const alias = broker.canonicalName === broker.host ? '' : `\n→ ${broker.canonicalName}`
  return [
    String(broker.rank),
    printable(broker.host + alias),
    broker.tls ? String(broker.port) : `${broker.port} plain`,
    broker.addresses.map(({ address }) => address).join('\n'),
    kilometres(broker.place),
    printable(mechanisms(broker.sasl)),
    printable(certificateProof(broker.dane)),
    colouredState(broker.security, paint),
    printable(broker.why.join('; ')),
  ]
}

function kilometres(place: Place): string {
  if (place.status !== 'located') return place.status === 'unknown' ? '?' : '–'
  const km = place.distanceMetres / 1000
  return km < 10 ? km.toFixed(1) : Math.round(km).toLocaleString('en-US')
}

function mechanisms(sasl: Sasl): string {
  switch (sasl.status) {
    case 'offered':
      return sasl.mechanisms.join('\n')
    case 'absent':
      return '–'
    case 'withheld':
      return `withheld (${sasl.reason})`
  }
}

/** The record that would prove the certificate, cut short, or why none does. */
function certificateProof({ state, records, usable }: Dane): string {
  switch (state) {
    case 'secure-present':
      return usable > 0 ? records.map(shortened).join('\n') : 'none usable'
    case 'secure-absent':
      return 'none'
    default:
      return state
  }
}

function shortened(record: string): string {
  return record.length <= MAX_RECORD_COLUMNS ? record : `${record.slice(0, MAX_RECORD_COLUMNS - 1)}…`
}

const MAX_RECORD_COLUMNS = 15

function colouredState({ state, reason }: Judgement, paint: Paint): string {
  if (state === 'secure') return paint.good('secure')
  return paint.doubtful(reason === null ? state : printable(`${state} (${reason})`))
}

function struckOut({ struckOut }: Report, paint: Paint): string {
  const lines = struckOut.map(({ host, port, code, detail }) => `  ${host}:${port}  ${code}: ${detail}`)
  return [paint.bad('Struck out:'), ...lines.map(printable)].join('\n')
}

/** What it means that the list is not proved, in words. */
function doubtOf({ service, brokers }: Report): string | undefined {
  const weakest = [service.security, ...brokers.map(({ security }) => security)].find(({ state }) => state !== 'secure')
  if (weakest === undefined) return undefined
  const why = weakest.detail === null ? '' : `: ${weakest.detail}`
  return printable(`Not all of this is proved${why}. Whoever controls the network could have written it.`)
}

/** Columns of the widest line, colours not counted. */
function widest(cell: string): number {
  return Math.max(...cell.split('\n').map((line) => stripVTControlCharacters(line).length))
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}
