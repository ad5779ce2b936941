/** Everything of the outside world that the command touches, so that tests can hand it another one. */
export interface CommandIo {
  out(text: string): void
  err(text: string): void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** Columns of the terminal; absent where there is none. */
  readonly columns?: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readFile(path: string): string
  now(): number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}
