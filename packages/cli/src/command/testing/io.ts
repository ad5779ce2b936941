/** An outside world for the command that keeps what it prints. */
import type { CommandIo } from '../io.ts'

export interface RecordedIo extends CommandIo {
  printed(): { readonly out: string; readonly err: string }
}

/** @param files by path; any other path cannot be read */
export function recordedIo(
  files: Readonly<Record<string, string>> = {},
  differing: Partial<CommandIo> = {},
): RecordedIo {
  let [out, err] = ['', '']
  return {
    out: (text) => {
      out += typeof text === 'string' ? text : new TextDecoder().decode(text)
    },
    err: (text) => {
      err += text
    },
    printed: () => ({ out, err }),
    outIsTerminal: false,
    errIsTerminal: false,
    env: {},
    readFile: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error('ENOENT: no such file')
      return new TextEncoder().encode(text)
    },
    stdin: async function* () {},
    now: Date.now,
    signal: new AbortController().signal,
    ...differing,
  }
}
