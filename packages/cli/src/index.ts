/** The public surface of portolan: everything composed with the defaults. */
export { type ClosableLookup, composeLookup, type LookupOptions } from './compose.ts'
export { type Connect, type ConnectOptions, connect } from './connect.ts'
export { type BrokerFacts, type Discover, type DiscoverOptions, discover } from './discover.ts'
