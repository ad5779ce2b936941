/** What all transports share: options, and an exchange that can be closed. */
import { type Exchange, InvalidOptionError } from '@portolan/core'
import { requireRange } from './range.ts'
import { type ServerAddress, serverFault } from './server-address.ts'

export type ClosableExchange = Exchange & {
  /** Ends all sockets; what is under way, and what is asked later, rejects with `dns/network`. */
  close(): void
}

export interface TransportOptions {
  readonly server: ServerAddress
  /** For one question, waiting in line included; default 5,000 ms, from 1 to 60,000. */
  readonly timeoutMs?: number | undefined
  /** Questions at a time, the others wait in line; default 1,000, from 1 to 10,000. */
  readonly maxInFlight?: number | undefined
  /** Draws message ids, 0–65,535; default the platform's CSPRNG (RFC 5452 §9.2). For tests. */
  readonly randomId?: (() => number) | undefined
}

/** @throws InvalidOptionError */
export function checkedOptions({ server, timeoutMs = 5_000, maxInFlight = 1_000 }: TransportOptions): {
  readonly timeoutMs: number
  readonly maxInFlight: number
} {
  const fault = serverFault(server)
  if (fault !== undefined) throw new InvalidOptionError('server', `${JSON.stringify(server.host)}: ${fault}`)
  requireRange('timeoutMs', timeoutMs, 1, 60_000)
  requireRange('maxInFlight', maxInFlight, 1, 10_000)
  return { timeoutMs, maxInFlight }
}
