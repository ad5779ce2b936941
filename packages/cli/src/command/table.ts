/** A report as a person reads it: one line on the whole, a table of brokers, and those that were struck out. */
import Table from 'cli-table3'
import type { Broker, Judgement, Place, Report, Sasl } from '../report/report.ts'
import type { Paint } from './colour.ts'
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

function brokerTable(brokers: readonly Broker[], { paint, columns }: TableOptions): string {
  const rows = brokers.map((broker) => cellsOf(broker, paint))
  const head = ['rank', 'broker', 'port', 'addresses', 'km', 'SASL', 'security', 'why']
  const table = new Table({
    head: head.map((title) => paint.strong(title)),
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
    colAligns: ['right', 'left', 'right', 'left', 'right', 'left', 'left', 'left'],
    ...wrapping(brokers, head, columns),
  })
  table.push(...rows)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function cellsOf(broker: Broker, paint: Paint): string[] {
  const alias = broker.canonicalName === broker.host ? '' : `\n→ ${broker.canonicalName}`
  return [
    String(broker.rank),
    printable(broker.host + alias),
    broker.tls ? String(broker.port) : `${broker.port} plain`,
    broker.addresses.map(({ address }) => address).join('\n'),
    kilometres(broker.place),
    printable(mechanisms(broker.sasl)),
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

/** The last column takes what the terminal has left, but never less than a word or two. */
function wrapping(brokers: readonly Broker[], head: readonly string[], columns: number | undefined) {
  if (columns === undefined) return {}
  const plain = { strong: same, faint: same, good: same, doubtful: same, bad: same }
  const rows = [head, ...brokers.map((broker) => cellsOf(broker, plain))]
  const widths = head.map((_, i) => 2 + Math.max(...rows.map((row) => widest(row[i] ?? ''))))
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width, 0)
  const last = Math.max(MIN_WHY_COLUMNS, columns - others)
  return { colWidths: [...widths.slice(0, -1), last], wordWrap: true }
}

const MIN_WHY_COLUMNS = 24

function same(text: string): string {
  return text
}

function widest(cell: string): number {
  return Math.max(...cell.split('\n').map((line) => line.length))
}

/** `4 min 59 s`, `2 h`, `12 s`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = units.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
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
