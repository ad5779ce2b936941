/** The name servers that the system is configured with. */
import dns from 'node:dns'
import { parseServer, type ServerAddress } from './server-address.ts'

/** In the system's order, or as `dns.setServers` has it; with ports, and the zones of link-local addresses; may be empty. */
export function systemServers(): readonly ServerAddress[] {
  return dns.getServers().map(parseServer)
}
