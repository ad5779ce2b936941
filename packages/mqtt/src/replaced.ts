/** mqtt.js's options that would choose a server or judge it: discovery and the verdict do that here. */
import { InvalidOptionError } from '@portolan/core'

const FOUND = 'discovery finds the brokers'

export type Replaced =
  | 'servers'
  | 'host'
  | 'hostname'
  | 'port'
  | 'unixSocket'
  | 'protocol'
  | 'defaultProtocol'
  | 'servername'
  | 'path'
  | 'socksProxy'
  | 'socksTimeout'
  | 'ALPNProtocols'
  | 'caPaths'
  | 'certPath'
  | 'keyPath'
  | 'rejectUnauthorized'
  | 'reconnectOnConnackError'
  | 'manualConnect'

/** Why each has no place here. */
const REPLACED: Readonly<Record<Replaced, string>> = {
  servers: FOUND,
  host: FOUND,
  hostname: FOUND,
  port: FOUND,
  unixSocket: FOUND,
  protocol: 'the service that is asked for decides between TLS and plain TCP',
  defaultProtocol: 'the service that is asked for decides between TLS and plain TCP',
  servername: 'the identity of each candidate gives its server name',
  path: 'there are no WebSockets here',
  socksProxy: 'proxies are not supported',
  socksTimeout: 'proxies are not supported',
  ALPNProtocols: 'use tls.alpnProtocols',
  caPaths: 'use tls.ca',
  certPath: 'use tls.cert',
  keyPath: 'use tls.key',
  rejectUnauthorized: 'a server that is not proved is always refused',
  reconnectOnConnackError: 'the reason code decides what comes next',
  manualConnect: 'connect() connects',
}

/** What these would be anyway does no harm. */
const HARMLESS: Readonly<Partial<Record<Replaced, unknown>>> = {
  rejectUnauthorized: true,
  reconnectOnConnackError: true,
  manualConnect: false,
}

/**
 * An option that would have no effect here, or a worse one than the caller thinks, is refused aloud.
 * @throws InvalidOptionError
 */
export function rejectReplaced(mqtt: object): void {
  const given: Readonly<Partial<Record<string, unknown>>> = { ...mqtt }
  for (const name of Object.keys(REPLACED) as Replaced[]) {
    const value = given[name]
    if (value !== undefined && value !== HARMLESS[name]) throw new InvalidOptionError(`mqtt.${name}`, REPLACED[name])
  }
  if (given.clean === false && given.clientId === undefined) {
    throw new InvalidOptionError('mqtt.clientId', 'a session that outlives its connection needs a client id')
  }
}
