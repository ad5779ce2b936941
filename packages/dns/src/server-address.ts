/** Where a name server is reached. */
import { InvalidOptionError } from '@portolan/core'

export interface ServerAddress {
  /** An IPv4 or IPv6 address, the latter perhaps with a zone (`fe80::1%eth0`); never a name, which nobody could resolve yet. */
  readonly host: string
  /** Default 53. */
  readonly port?: number | undefined
}

/** `192.0.2.53:53` or `[2001:db8::53]:53`, as replies and errors name a server. */
export function serverText({ host, port = 53 }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Reads `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`, the zone of a link-local address included.
 * @throws InvalidOptionError
 */
export function parseServer(text: string): ServerAddress {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text)
  const plain = /^([^:]+)(?::(\d{1,5}))?$/.exec(text)
  const [, host = text, port = '53'] = bracketed ?? plain ?? []
  const server = { host, port: Number(port) }
  const fault = serverFault(server)
  if (fault !== undefined) throw new InvalidOptionError('server', `${JSON.stringify(text)}: ${fault}`)
  return server
}

/** Why nobody can be asked there; `undefined` where it may be tried. */
export function serverFault({ host, port = 53 }: ServerAddress): string | undefined {
  if (!isIpv4(host) && !isIpv6(host)) return 'a server is given by its IP address'
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `${port} is no port`
  return undefined
}

export function isIpv6(host: string): boolean {
  const [address = '', zone, ...rest] = host.split('%')
  if (rest.length > 0 || zone === '') return false
  // The URL standard's parser is everywhere and knows each form of RFC 4291 §2.2.
  return address.includes(':') && URL.canParse(`http://[${address}]/`)
}

function isIpv4(host: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) && host.split('.').every((part) => Number(part) <= 255)
}
