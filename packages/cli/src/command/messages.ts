/** Where `pub` takes its messages from. */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { InvalidOptionError } from '@portolan/core'
import { type CommandIo, readOctets } from './io.ts'

export interface MessageFlags {
  readonly message?: string
  readonly file?: string
  readonly stdinLine?: true
  readonly stdinFile?: true
  readonly nullMessage?: true
}

/** @throws InvalidOptionError where none or several sources are named, or a file cannot be read */
export function messagesOf(flags: MessageFlags, io: CommandIo): AsyncIterable<Buffer> {
  const sources = [flags.message, flags.file, flags.stdinLine, flags.stdinFile, flags.nullMessage]
  const named = sources.filter((source) => source !== undefined).length
  if (named !== 1) throw new InvalidOptionError('--message', 'name one of -m, -f, -l, -s and -n')
  if (flags.message !== undefined) return one(Buffer.from(flags.message))
  if (flags.file !== undefined) return one(Buffer.from(readOctets('--file', flags.file, io)))
  if (flags.stdinLine) return lines(io.stdin())
  return flags.stdinFile ? whole(io.stdin()) : one(Buffer.alloc(0))
}

async function* one(message: Buffer): AsyncGenerator<Buffer, void, void> {
  yield message
}

async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  for await (const line of createInterface({ input: Readable.from(input), crlfDelay: Infinity }))
    yield Buffer.from(line)
}

async function* whole(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  yield Buffer.concat(chunks)
}
