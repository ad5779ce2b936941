/** The public surface of portolan: everything composed with the defaults. */
export { composeLookup, type LookupOptions } from './compose.ts'
export { type BrokerFacts, type Discover, type DiscoverOptions, discover } from './discover.ts'
