/** A connected client for as long as a subcommand needs it. */
import { isPortolanError } from '@portolan/core'
import type { MqttClient } from 'mqtt'
import type { Connect } from '../connect.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'
import { connectOptions, type MqttFlags } from './mqtt-flags.ts'

/**
 * Connects within `--timeout`, hands the client over, and ends it afterwards.
 * @param use resolves once there is nothing more to do; `ended` resolves when the user interrupts, and rejects when the
 * client gave up
 * @throws as `connect`, and what the client gave up with
 */
export async function withClient(
  domain: string,
  flags: MqttFlags,
  io: CommandIo,
  connect: Connect,
  use: (client: MqttClient, ended: Promise<ExitStatus>) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const client = await connectInTime(domain, flags, io, connect)
  let gaveUp = false
  const ended = new Promise<ExitStatus>((resolve, reject) => {
    client.on('error', (error) => {
      // Any other error is a connection that broke: the client looks for its next broker.
      if (!isPortolanError(error) || error.name !== 'ConnectError') return
      gaveUp = true
      reject(error)
    })
    const interrupted = () => resolve(EXIT.interrupted)
    if (io.signal.aborted) interrupted()
    io.signal.addEventListener('abort', interrupted, { once: true })
  })
  // Whoever uses the client may be done before it ends.
  ended.catch(() => {})
  try {
    return await use(client, ended)
  } finally {
    await client.endAsync(gaveUp)
  }
}

async function connectInTime(domain: string, flags: MqttFlags, io: CommandIo, connect: Connect): Promise<MqttClient> {
  const options = connectOptions(flags, io)
  // Its signal would end the client later on too, so neither the limit nor the user may abort it once connected.
  const attempt = new AbortController()
  const interrupt = () => attempt.abort(io.signal.reason)
  const timer = setTimeout(() => attempt.abort(new DOMException('timed out', 'TimeoutError')), flags.timeout)
  io.signal.addEventListener('abort', interrupt, { once: true })
  try {
    io.signal.throwIfAborted()
    return await connect(domain, { ...options, signal: attempt.signal })
  } finally {
    clearTimeout(timer)
    io.signal.removeEventListener('abort', interrupt)
  }
}
