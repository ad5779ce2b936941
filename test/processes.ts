/** Processes for tests: started on loopback, awaited by what they say or by their port, stopped by their own id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface StartOptions {
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Ready once its output matches this, or once it accepts TCP on this loopback port. */
  readonly ready: RegExp | number
  /** Default 15,000. */
  readonly timeoutMs?: number | undefined
  /** Keep its standard input open, for programs that end with it. */
  readonly holdInput?: boolean | undefined
}

export interface Running {
  readonly pid: number
  /** Both streams, as they came. */
  output(): string
  /** Resolves once the output matches, or once this holds of it. */
  said(pattern: RegExp | ((output: string) => boolean), timeoutMs?: number): Promise<void>
  /** Resolves with the exit status once it ends by itself; `null` where a signal ended it. */
  ended(): Promise<number | null>
  /** SIGTERM, and SIGKILL where that is not enough; resolves once the process is gone. */
  stop(): Promise<void>
}

/** Starts a server and resolves once it is ready. @throws Error with its output, where it ends or stays silent */
export async function start(command: string, args: readonly string[], options: StartOptions): Promise<Running> {
  const { ready, timeoutMs = 15_000 } = options
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.holdInput === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const running = watched(child, [command, ...args].join(' '))
  try {
    await (typeof ready === 'number' ? running.accepts(ready, timeoutMs) : running.said(ready, timeoutMs))
  } catch (error) {
    await running.stop()
    throw error
  }
  return running
}

export interface Finished {
  /** `null` where a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end. One that does not end by itself (a socket or timer left open) is killed, and the promise rejects.
 * @param options.timeoutMs default 20,000
 */
export async function finish(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly input?: string
    readonly timeoutMs?: number
  } = {},
): Promise<Finished> {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } })
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)]
  // One that reads no input may be gone before this is written.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 20_000)
  const [status, signal] = (await once(child, 'close').finally(() => clearTimeout(timer))) as [number | null, string]
  if (signal === 'SIGKILL') throw new Error(`${command} did not end by itself.\n${stdout()}${stderr()}`)
  return { status, stdout: stdout(), stderr: stderr() }
}

/** A port that was free a moment ago, for TCP and UDP, on 127.0.0.1. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as { port: number }
    const udp = createSocket('udp4')
    const bound = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false))
      udp.bind(port, '127.0.0.1', () => resolve(true))
    })
    udp.close()
    tcp.close()
    await once(tcp, 'close')
    if (bound) return port
  }
}

function watched(child: ChildProcess, title: string) {
  let output = ''
  let ended = false
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      wake()
    })
  }
  const end = (why: string) => {
    output += why
    ended = true
    wake()
  }
  child.once('error', (error) => end(`${error.message}\n`))
  child.once('exit', () => end(''))

  const until = (holds: () => boolean, what: string, timeoutMs: number) =>
    new Promise<void>((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(timer)
        waiting.delete(look)
        action()
      }
      const fail = (why: string) => settle(() => reject(new Error(`${title}: ${why} before ${what}.\n${output}`)))
      const look = () => {
        if (holds()) settle(resolve)
        else if (ended) fail('ended')
      }
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs)
      waiting.add(look)
      look()
    })

  return {
    pid: child.pid ?? 0,
    output: () => output,
    said(pattern: RegExp | ((output: string) => boolean), timeoutMs = 15_000): Promise<void> {
      const holds = typeof pattern === 'function' ? () => pattern(output) : () => pattern.test(output)
      return until(holds, String(pattern), timeoutMs)
    },
    async accepts(port: number, timeoutMs: number): Promise<void> {
      const deadline = performance.now() + timeoutMs
      while (!(await canConnect(port))) {
        if (ended) throw new Error(`${title}: ended before port ${port} was open.\n${output}`)
        if (performance.now() > deadline) throw new Error(`${title}: port ${port} stayed closed.\n${output}`)
        await delay(10)
      }
    },
    async ended(): Promise<number | null> {
      if (!ended) await once(child, 'exit')
      return child.exitCode
    },
    async stop(): Promise<void> {
      if (ended) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(timer)
    },
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function collected(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
