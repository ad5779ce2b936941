/** The options that say how to discover, shared by every subcommand. */
import type { DaneMode } from '@portolan/dane'
import type { ServerAddress } from '@portolan/dns'
import type { Position } from '@portolan/loc'
import { type Command, Option } from 'commander'
import type { DiscoverOptions } from '../discover.ts'
import { readMilliseconds, readPosition, readResolvers } from './arguments.ts'
import { paintFor } from './colour.ts'
import type { CommandIo } from './io.ts'
import { readTrustAnchors } from './trust-anchor-file.ts'
import { renderDecision } from './verbose.ts'

export interface DiscoveryFlags {
  readonly near?: Position
  readonly resolver?: readonly ServerAddress[]
  readonly trustAnchor?: string
  readonly allowPlaintext?: true
  readonly dane: DaneMode
  readonly timeout: number
  readonly verbose?: true
}

/** @param daneMode the default of `--dane` */
export function addDiscoveryFlags(command: Command, daneMode: DaneMode): Command {
  return command
    .option('--near <lat,lon>', 'your place in degrees: nearer brokers first; never leaves this machine', readPosition)
    .option('--resolver <host[:port]>', 'ask this DNS resolver; repeat for more (default: the system’s)', readResolvers)
    .option('--trust-anchor <file>', 'DS or DNSKEY records to start from (default: the keys of the DNS root)')
    .option('--allow-plaintext', 'add brokers without TLS, after all others')
    .addOption(
      new Option('--dane <mode>', 'what TLSA records decide about the certificate')
        .choices(['required', 'opportunistic', 'report'])
        .default(daneMode),
    )
    .option('--timeout <ms>', 'give up after so many milliseconds', readMilliseconds, 30_000)
    .option('--verbose', 'tell each decision on standard error as it is taken')
}

/** @throws InvalidOptionError for a trust anchor file that cannot be used */
export function discoveryOptions(flags: DiscoveryFlags, io: CommandIo): DiscoverOptions {
  const paint = paintFor(io.errIsTerminal, io.env)
  return {
    near: flags.near,
    servers: flags.resolver,
    trustAnchors: flags.trustAnchor === undefined ? undefined : readTrustAnchors(flags.trustAnchor, io),
    allowPlaintext: flags.allowPlaintext,
    dane: flags.dane,
    now: io.now,
    onTrace: flags.verbose ? (entry) => io.err(renderDecision(entry, paint)) : undefined,
  }
}
