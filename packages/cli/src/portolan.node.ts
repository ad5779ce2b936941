#!/usr/bin/env node
/** The executable: hands the process to the command, and the command's status back. */
import { readFileSync } from 'node:fs'
import { main } from './command/main.ts'

const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort(new DOMException('interrupted', 'AbortError')))
// `portolan … | head` ends its reader early; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await main(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  env: process.env,
  readFile: (path) => readFileSync(path),
  stdin: () => process.stdin,
  now: Date.now,
  signal: interruption.signal,
})
