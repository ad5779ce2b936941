/** What needs Node: verdicts on certificate chains, a TLS connection proved by DANE, and helpers for publishers. */
export { type ConnectDaneOptions, connectDane, type DaneConnection } from './connect.node.ts'
export { judgeDane } from './dane.node.ts'
export { DaneError, type DaneErrorCode } from './errors.ts'
export { readPeerChain } from './peer-chain.node.ts'
export { judgePkix } from './pkix.node.ts'
export { type DaneSessions, daneSessions, type HeldSession } from './sessions.node.ts'
export { type Rollover, type RolloverCoverage, type RolloverGap, rolloverCoverage, tlsaFor } from './tlsa-for.node.ts'
