/** Everything of the outside world that the command touches, so that tests can hand it another one. */
import { InvalidOptionError } from '@portolan/core'

export interface CommandIo {
  out(text: string | Uint8Array): void
  err(text: string): void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** Columns of the terminal; absent where there is none. */
  readonly columns?: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readFile(path: string): Uint8Array
  stdin(): AsyncIterable<Uint8Array>
  now(): number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** @throws InvalidOptionError, of the option that names the file, where it cannot be read */
export function readOctets(option: string, path: string, io: CommandIo): Uint8Array {
  try {
    return io.readFile(path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidOptionError(option, `${path} cannot be read: ${why}`, { cause })
  }
}

/** The same as text, UTF-8. */
export function readText(option: string, path: string, io: CommandIo): string {
  return new TextDecoder().decode(readOctets(option, path, io))
}
