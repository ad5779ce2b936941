import dns from 'node:dns'
import { afterEach, expect, it } from 'vitest'
import { systemServers } from './servers.node.ts'

const before = systemServers()
afterEach(() => {
  dns.setServers(before.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)))
})

it('gives the system’s servers with their ports, IPv6 out of its brackets', () => {
  dns.setServers(['192.0.2.1', '192.0.2.2:5353', '[2001:db8::1]:5353', '2001:db8::2'])
  expect(systemServers()).toEqual([
    { host: '192.0.2.1', port: 53 },
    { host: '192.0.2.2', port: 5353 },
    { host: '2001:db8::1', port: 5353 },
    { host: '2001:db8::2', port: 53 },
  ])
})
