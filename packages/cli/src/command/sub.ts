/** `portolan sub`: prints the messages of topics, as mosquitto_sub does. */
import { Command } from 'commander'
import type { MqttClient } from 'mqtt'
import type { Connect } from '../connect.ts'
import { readCount, readSeconds, readTopics } from './arguments.ts'
import { TopicRefusedError } from './errors.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { explained } from './explained.ts'
import { SUB_NOTES } from './help.ts'
import type { CommandIo } from './io.ts'
import { addMqttFlags, type MqttFlags } from './mqtt-flags.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

interface Flags extends MqttFlags {
  readonly topic: readonly string[]
  readonly v?: true
  readonly N?: true
  readonly C?: number
  readonly W?: number
}

/** @param end is told the exit status */
export function subCommand(io: CommandIo, connect: Connect, end: (status: ExitStatus) => void): Command {
  const command = new Command('sub')
    .summary('print the messages of topics')
    .description('Connects to the best broker of a domain, proved, and prints the messages of topics, one a line.')
    .argument('<domain>', 'such as fleet.example')
    .requiredOption('-t, --topic <filter>', 'topic filter, such as fleet/+/position; repeat for more', readTopics)
    .option('-v', 'print the topic before each message')
    .option('-N', 'no end of line after a message')
    .option('-C <count>', 'end after so many messages', readCount)
    .option('-W <seconds>', 'end after so long, with status 27', readSeconds)
  return addMqttFlags(command)
    .addHelpText('after', SUB_NOTES)
    .action(async (domain: string, flags: Flags) =>
      end(
        await explained(io, () =>
          withClient(domain, flags, io, connect, (client, ended) => receive(client, flags, io, ended)),
        ),
      ),
    )
}

async function receive(
  client: MqttClient,
  flags: Flags,
  io: CommandIo,
  ended: Promise<ExitStatus>,
): Promise<ExitStatus> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const waited = new Promise<ExitStatus>((resolve) => {
    if (flags.W !== undefined) timer = setTimeout(() => resolve(EXIT.waitOver), flags.W * 1000)
  })
  try {
    // Listened to before the subscription: retained messages come with it.
    return await Promise.race([counted(client, flags, io), subscribed(client, flags), waited, ended])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after `-C` messages. */
function counted(client: MqttClient, flags: Flags, io: CommandIo): Promise<ExitStatus> {
  let remaining = flags.C ?? Infinity
  return new Promise((resolve) => {
    client.on('message', (topic, payload) => {
      if (remaining <= 0) return
      print(topic, payload, flags, io)
      remaining--
      if (remaining <= 0) resolve(EXIT.done)
    })
  })
}

/** Subscribes on every connection: one may be lost before its SUBACK came. Rejects where the broker refuses, or never settles. */
function subscribed(client: MqttClient, { topic, qos }: Flags): Promise<never> {
  return new Promise((_resolve, reject) => {
    const subscribe = () => {
      client.subscribeAsync([...topic], { qos }).catch((error: unknown) => {
        if (client.connected) reject(new TopicRefusedError(topic.join(' '), error))
      })
    }
    client.on('connect', subscribe)
    subscribe()
  })
}

/** Octets as they came to a file or a program; to a terminal without what would move its cursor. */
function print(topic: string, payload: Uint8Array, { v, N }: Flags, io: CommandIo): void {
  const text = (raw: string) => (io.outIsTerminal ? printable(raw) : raw)
  if (v) io.out(text(`${topic} `))
  io.out(io.outIsTerminal ? printable(new TextDecoder().decode(payload)) : payload)
  if (!N) io.out('\n')
}
