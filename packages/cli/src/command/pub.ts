/** `portolan pub`: publishes messages, as mosquitto_pub does. */
import { InvalidOptionError } from '@portolan/core'
import { Command } from 'commander'
import type { Connect } from '../connect.ts'
import { TopicRefusedError } from './errors.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { explained } from './explained.ts'
import { PUB_NOTES } from './help.ts'
import type { CommandIo } from './io.ts'
import { type MessageFlags, messagesOf } from './messages.ts'
import { addMqttFlags, type MqttFlags } from './mqtt-flags.ts'
import { withClient } from './session.ts'

interface Flags extends MqttFlags, MessageFlags {
  readonly topic: string
  readonly retain?: true
}

/** @param end is told the exit status */
export function pubCommand(io: CommandIo, connect: Connect, end: (status: ExitStatus) => void): Command {
  const command = new Command('pub')
    .summary('publish a message')
    .description('Connects to the best broker of a domain, proved, and publishes a message there.')
    .argument('<domain>', 'such as fleet.example')
    .requiredOption('-t, --topic <topic>', 'where to publish')
    .option('-m, --message <text>', 'the message')
    .option('-f, --file <file>', 'the message is what this file holds')
    .option('-l, --stdin-line', 'each line of standard input is a message')
    .option('-s, --stdin-file', 'the message is all of standard input')
    .option('-n, --null-message', 'an empty message')
    .option('-r, --retain', 'the broker keeps it for those who subscribe later')
  return addMqttFlags(command)
    .addHelpText('after', PUB_NOTES)
    .action(async (domain: string, flags: Flags) => end(await explained(io, () => run(domain, flags, io, connect))))
}

async function run(domain: string, flags: Flags, io: CommandIo, connect: Connect): Promise<ExitStatus> {
  // MQTT 5 §4.7.1; a broker would only hang up.
  if (/[+#]/.test(flags.topic)) throw new InvalidOptionError('--topic', '+ and # are for subscribing')
  const messages = messagesOf(flags, io)
  return withClient(domain, flags, io, connect, (client, ended) => {
    const publish = async (): Promise<ExitStatus> => {
      for await (const message of messages) {
        await client
          .publishAsync(flags.topic, message, { qos: flags.qos, retain: flags.retain === true })
          .catch((error: unknown) => {
            throw new TopicRefusedError(flags.topic, error)
          })
      }
      return EXIT.done
    }
    return Promise.race([publish(), ended])
  })
}
