/** Node's transports: UDP, TCP, TLS, HTTPS, and the servers that the system is configured with. */
export { type Http2Options, https } from './https.node.ts'
export { systemServers } from './servers.node.ts'
export { type TcpOptions, tcp } from './tcp.node.ts'
export { type TlsOptions, tls } from './tls.node.ts'
export { type UdpOptions, udp } from './udp.node.ts'
