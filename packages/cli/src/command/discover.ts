/** `portolan discover`: the brokers of a domain, as a table or as JSON. */
import { Command } from 'commander'
import type { Discover } from '../discover.ts'
import { reportOf } from '../report/report-of.ts'
import { paintFor } from './colour.ts'
import { addDiscoveryFlags, type DiscoveryFlags, discoveryOptions } from './discovery-flags.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { explained } from './explained.ts'
import { failureOf } from './failure.ts'
import { DISCOVER_NOTES } from './help.ts'
import type { CommandIo } from './io.ts'
import { renderReport } from './table.ts'

interface Flags extends DiscoveryFlags {
  readonly json?: true
}

/** @param end is told the exit status */
export function discoverCommand(io: CommandIo, discover: Discover, end: (status: ExitStatus) => void): Command {
  const command = new Command('discover')
    .summary('list the brokers of a domain, in the order in which to try them')
    .description('Lists the MQTT brokers of a domain, in the order in which to try them, with what is known of each.')
    .argument('<domain>', 'such as fleet.example')
  return addDiscoveryFlags(command, 'opportunistic')
    .option('--json', 'print JSON (docs/json.md), failures too')
    .addHelpText('after', DISCOVER_NOTES)
    .action(async (domain: string, flags: Flags) => end(await run(domain, flags, io, discover)))
}

function run(domain: string, flags: Flags, io: CommandIo, discover: Discover): Promise<ExitStatus> {
  const printJson = (value: unknown) => io.out(`${JSON.stringify(value, null, 2)}\n`)
  const find = async (): Promise<ExitStatus> => {
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(flags.timeout)])
    const report = reportOf(await discover(domain, { ...discoveryOptions(flags, io), signal }))
    if (flags.json) printJson(report)
    else
      io.out(renderReport(report, { paint: paintFor(io.outIsTerminal, io.env), columns: io.columns, nowMs: io.now() }))
    return EXIT.done
  }
  return explained(io, find, (explanation, error) => {
    if (flags.json) printJson(failureOf(domain, explanation, error))
  })
}
