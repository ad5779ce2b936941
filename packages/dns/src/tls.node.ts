/** DNS over TLS (RFC 7858) with the server's certificate checked: the strict profile of RFC 8310 §6.4. */
import { isIP } from 'node:net'
import { checkServerIdentity, connect } from 'node:tls'
import { requireRange } from './range.ts'
import { serverText } from './server-address.ts'
import { streamExchange } from './stream.node.ts'
import type { TcpOptions } from './tcp.node.ts'
import { type ClosableExchange, checkedOptions } from './transport.ts'

export interface TlsOptions extends TcpOptions {
  /** Port 853 where none is given. */
  readonly server: TcpOptions['server']
  /** The name in the server's certificate, such as `dns.example`; or its IP address, where the certificate has that. */
  readonly serverName: string
  /** Certificates to trust, in PEM; default those of the platform. */
  readonly ca?: string | readonly string[] | undefined
}

/**
 * Asks one server over one TLS connection, many questions at a time, replies in any order; sessions are resumed.
 * Rejects as `tcp` does; a certificate that does not prove `serverName` is `dns/network` with the reason as `cause`.
 * @throws InvalidOptionError
 */
export function tls(options: TlsOptions): ClosableExchange {
  const { idleMs = 5_000, monotonicNow = () => performance.now(), randomId, serverName, ca } = options
  const { host, port = 853 } = options.server
  const { timeoutMs, maxInFlight } = checkedOptions({ ...options, server: { host, port } })
  requireRange('idleMs', idleMs, 0, 120_000)
  let session: Buffer | undefined
  const dial = () => {
    const socket = connect({
      host,
      port,
      ALPNProtocols: ['dot'],
      minVersion: 'TLSv1.2',
      // RFC 6066 §3 has no addresses in SNI; what is checked is the name all the same.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
      ...(ca === undefined ? {} : { ca: [ca].flat() }),
      ...(session === undefined ? {} : { session }),
    })
    socket.setNoDelay(true)
    socket.on('session', (ticket) => {
      session = ticket
    })
    return socket
  }
  const server = serverText({ host, port })
  return streamExchange({
    server,
    dial,
    readyEvent: 'secureConnect',
    timeoutMs,
    maxInFlight,
    idleMs,
    monotonicNow,
    randomId,
  })
}
