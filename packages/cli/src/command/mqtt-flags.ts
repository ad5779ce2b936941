/** The options that `sub` and `pub` share with mosquitto's clients, under the same letters. */
import { InvalidOptionError } from '@portolan/core'
import { type Command, Option } from 'commander'
import type { ConnectOptions } from '../connect.ts'
import { readKeepalive, readQos } from './arguments.ts'
import { paintFor } from './colour.ts'
import { addDiscoveryFlags, type DiscoveryFlags, discoveryOptions } from './discovery-flags.ts'
import { type CommandIo, readText } from './io.ts'
import { isInTrace, renderEvent } from './verbose.ts'

export interface MqttFlags extends DiscoveryFlags {
  readonly qos: 0 | 1 | 2
  readonly id?: string
  readonly username?: string
  readonly pw?: string
  readonly keepalive: number
  readonly disableCleanSession?: true
  readonly protocolVersion: keyof typeof VERSIONS
  readonly cafile?: string
  readonly cert?: string
  readonly key?: string
  readonly willTopic?: string
  readonly willPayload?: string
  readonly willQos?: 0 | 1 | 2
  readonly willRetain?: true
}

const VERSIONS = { mqttv311: 4, mqttv5: 5, '311': 4, '5': 5 } as const

export function addMqttFlags(command: Command): Command {
  command
    .option('-q, --qos <level>', 'quality of service: 0, 1 or 2', readQos, 0)
    .option('-i, --id <id>', 'client id (default: one of chance)')
    .option('-u, --username <name>', 'user name')
    .option('-P, --pw <password>', 'password')
    .option('-k, --keepalive <seconds>', 'ping after so much silence', readKeepalive, 60)
    .option('-c, --disable-clean-session', 'keep the session of this client id; needs -i')
    .addOption(
      new Option('-V, --protocol-version <version>', 'version of MQTT')
        .choices(Object.keys(VERSIONS))
        .default('mqttv311'),
    )
    .option('--cafile <file>', 'authorities to trust where PKIX decides, PEM')
    .option('--cert <file>', 'client certificate, PEM')
    .option('--key <file>', 'its key, PEM')
    .option('--will-topic <topic>', 'topic of the message that the broker sends if this client is lost')
    .option('--will-payload <message>', 'that message')
    .option('--will-qos <level>', 'its quality of service', readQos)
    .option('--will-retain', 'retain it')
  return addDiscoveryFlags(command, 'required')
}

/** @throws InvalidOptionError */
export function connectOptions(flags: MqttFlags, io: CommandIo): Omit<ConnectOptions, 'signal'> {
  if (flags.disableCleanSession && flags.id === undefined) {
    throw new InvalidOptionError('--disable-clean-session', 'a session is kept for a client id: name it with -i')
  }
  if ((flags.cert === undefined) !== (flags.key === undefined)) {
    throw new InvalidOptionError(
      '--cert',
      'a client certificate needs its key and the other way round: --cert and --key',
    )
  }
  const file = (option: string, path: string | undefined) =>
    path === undefined ? undefined : readText(option, path, io)
  const tls = {
    ca: file('--cafile', flags.cafile),
    cert: file('--cert', flags.cert),
    key: file('--key', flags.key),
  }
  const paint = paintFor(io.errIsTerminal, io.env)
  return {
    ...discoveryOptions(flags, io),
    onEvent: flags.verbose ? (event) => isInTrace(event) || io.err(renderEvent(event, paint)) : undefined,
    tls: withoutUndefined(tls),
    mqtt: withoutUndefined({
      clientId: flags.id,
      username: flags.username,
      password: flags.pw,
      keepalive: flags.keepalive,
      clean: flags.disableCleanSession !== true,
      protocolVersion: VERSIONS[flags.protocolVersion],
      will: willOf(flags),
      // `sub` does so itself.
      resubscribe: false,
    }),
  }
}

function willOf({ willTopic, willPayload = '', willQos = 0, willRetain }: MqttFlags) {
  if (willTopic === undefined) return undefined
  return { topic: willTopic, payload: Buffer.from(willPayload), qos: willQos, retain: willRetain === true }
}

/** mqtt.js and TLS take a key that is there but undefined for one that was set. */
function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
