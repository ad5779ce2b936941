/** `portolan discover`: the brokers of a domain, as a table or as JSON. */
import type { Position } from '@portolan/loc'
import { Command } from 'commander'
import type { Server } from '../compose.ts'
import type { Discover } from '../discover.ts'
import { reportOf } from '../report/report-of.ts'
import { readMilliseconds, readPosition, readResolvers } from './arguments.ts'
import { paintFor } from './colour.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { explain } from './explain.ts'
import { failureOf, renderExplanation } from './failure.ts'
import { DISCOVER_NOTES } from './help.ts'
import type { CommandIo } from './io.ts'
import { renderReport } from './table.ts'
import { readTrustAnchors } from './trust-anchor-file.ts'
import { renderDecision } from './verbose.ts'

interface Flags {
  readonly near?: Position
  readonly resolver?: readonly Server[]
  readonly trustAnchor?: string
  readonly allowPlaintext?: true
  readonly timeout: number
  readonly json?: true
  readonly verbose?: true
}

/** @param end is told the exit status */
export function discoverCommand(io: CommandIo, discover: Discover, end: (status: ExitStatus) => void): Command {
  return new Command('discover')
    .summary('list the brokers of a domain, in the order in which to try them')
    .description('Lists the MQTT brokers of a domain, in the order in which to try them, with what is known of each.')
    .argument('<domain>', 'such as fleet.example')
    .option(
      '--near <lat,lon>',
      'your place in degrees: nearer brokers first; it never leaves this machine',
      readPosition,
    )
    .option(
      '--resolver <host[:port]>',
      'ask this DNS resolver; repeat for more (default: those of the system)',
      readResolvers,
    )
    .option('--trust-anchor <file>', 'DS or DNSKEY records to start from (default: the keys of the DNS root)')
    .option('--allow-plaintext', 'add brokers without TLS, after all others')
    .option('--timeout <ms>', 'give up after so many milliseconds', readMilliseconds, 30_000)
    .option('--json', 'print JSON (docs/json.md), failures too')
    .option('--verbose', 'tell each decision on standard error as it is taken')
    .addHelpText('after', DISCOVER_NOTES)
    .action(async (domain: string, flags: Flags) => end(await run(domain, flags, io, discover)))
}

async function run(domain: string, flags: Flags, io: CommandIo, discover: Discover): Promise<ExitStatus> {
  const errPaint = paintFor(io.errIsTerminal, io.env)
  try {
    const plan = await discover(domain, {
      near: flags.near,
      servers: flags.resolver,
      trustAnchors: flags.trustAnchor === undefined ? undefined : readTrustAnchors(flags.trustAnchor, io.readFile),
      allowPlaintext: flags.allowPlaintext,
      signal: AbortSignal.any([io.signal, AbortSignal.timeout(flags.timeout)]),
      now: io.now,
      onTrace: flags.verbose ? (entry) => io.err(renderDecision(entry, errPaint)) : undefined,
    })
    const report = reportOf(plan)
    const paint = paintFor(io.outIsTerminal, io.env)
    const table = () => renderReport(report, { paint, columns: io.columns, nowMs: io.now() })
    io.out(flags.json ? `${JSON.stringify(report, null, 2)}\n` : table())
    return EXIT.found
  } catch (error) {
    const explanation = explain(error)
    if (flags.json) io.out(`${JSON.stringify(failureOf(domain, explanation, error), null, 2)}\n`)
    io.err(renderExplanation(explanation, errPaint))
    return explanation.status
  }
}
