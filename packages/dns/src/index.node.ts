/** Node's transports: UDP, TCP, TLS, and the servers that the system is configured with. */
export { systemServers } from './servers.node.ts'
export { type TcpOptions, tcp } from './tcp.node.ts'
export { type TlsOptions, tls } from './tls.node.ts'
export { type UdpOptions, udp } from './udp.node.ts'
