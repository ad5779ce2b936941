/** The neutral surface of @portolan/dns: runs wherever JavaScript runs. Sockets are in `@portolan/dns/node`. */
export { type CachedExchange, type CacheOptions, cached } from './cache.ts'
export { coalesced } from './coalesce.ts'
export type { Edns, EdnsOption } from './edns.ts'
export { MalformedMessageError } from './errors.ts'
export { type FailoverOptions, failover } from './failover.ts'
export { type HttpsOptions, https } from './https.ts'
export type { LifetimeLimits } from './lifetime.ts'
export {
  type Flags,
  type Message,
  type MessageHead,
  type MessageRecord,
  type Question,
  readMessage,
} from './message.ts'
export { type QueryOptions, writeQuery } from './query.ts'
export { type QueueOptions, queued } from './queued.ts'
export { readReply } from './reply.ts'
export { type ResolverOptions, resolver } from './resolver.ts'
export { parseServer, type ServerAddress, serverText } from './server-address.ts'
export type { ClosableExchange, TransportOptions } from './transport.ts'
export { type TruncationOptions, truncationFallback } from './truncation.ts'
