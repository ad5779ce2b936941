/** Runs a subcommand; whatever it ends in becomes an exit status and words on standard error. */
import { paintFor } from './colour.ts'
import type { ExitStatus } from './exit-status.ts'
import { type Explanation, explain } from './explain.ts'
import { renderExplanation } from './failure.ts'
import type { CommandIo } from './io.ts'

/** @param onFailure is told first, to print the failure in another form too */
export async function explained(
  io: CommandIo,
  run: () => Promise<ExitStatus>,
  onFailure: (explanation: Explanation, error: unknown) => void = () => {},
): Promise<ExitStatus> {
  try {
    return await run()
  } catch (error) {
    const explanation = explain(error)
    onFailure(explanation, error)
    io.err(renderExplanation(explanation, paintFor(io.errIsTerminal, io.env)))
    return explanation.status
  }
}
