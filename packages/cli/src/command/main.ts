/** The command `portolan`: its subcommands, and what every one of them shares. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type Connect, connect as composedConnect } from '../connect.ts'
import { discover as composedDiscover, type Discover } from '../discover.ts'
import { paintFor } from './colour.ts'
import { discoverCommand } from './discover.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { PROGRAM_EXAMPLES, SUMMARY } from './help.ts'
import type { CommandIo } from './io.ts'
import { pubCommand } from './pub.ts'
import { subCommand } from './sub.ts'

/** What the subcommands call; replaced by tests. */
export interface Composition {
  readonly discover: Discover
  readonly connect: Connect
}

/**
 * Runs one command line; never throws, never ends the process.
 * @param argv without the program's own name
 */
export async function main(
  argv: readonly string[],
  io: CommandIo,
  { discover, connect }: Composition = { discover: composedDiscover, connect: composedConnect },
): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.usage
  const program = new Command('portolan')
    .description(SUMMARY)
    .version(version(), '--version', 'print the version')
    .addHelpText('after', PROGRAM_EXAMPLES)
  const end = (ended: ExitStatus) => {
    status = ended
  }
  program
    .addCommand(discoverCommand(io, discover, end))
    .addCommand(subCommand(io, connect, end))
    .addCommand(pubCommand(io, connect, end))
  for (const command of [program, ...program.commands]) configure(command, io)
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
  return status
}

function configure(command: Command, io: CommandIo): void {
  const paint = paintFor(io.outIsTerminal, io.env)
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ styleTitle: (title) => paint.strong(title), helpWidth: Math.min(io.columns ?? 100, 100) })
    .showHelpAfterError(
      `(${command.name() === 'portolan' ? 'portolan' : `portolan ${command.name()}`} --help tells more)`,
    )
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHasColors: () => io.outIsTerminal && !io.env.NO_COLOR,
    })
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
