/** The public surface of @portolan/testbed. */
export type { Broker, BrokerOptions } from './broker.node.ts'
export {
  type Authority,
  type Certificate,
  type CertificateRequest,
  createAuthority,
  type TlsaChoice,
} from './certificates.node.ts'
export type { PublishedMessage } from './engine.node.ts'
export { TestbedError, type TestbedErrorCode } from './errors.ts'
export type {
  AskedQuestion,
  DroppedType,
  ResponseCode,
  Selection,
  StripOptions,
  Tamper,
  Undo,
} from './faults.ts'
export { type Fleet, type FleetOptions, startFleet } from './fleet.node.ts'
export type { BrokerTlsOptions, FrozenFrom } from './front.node.ts'
export type { Algorithm } from './keys.node.ts'
export type { Position } from './publication.ts'
export { octets } from './record-types.ts'
export { startTestbed, type Testbed, type TestbedOptions } from './testbed.node.ts'
export type { ZoneOptions } from './tree.node.ts'
export type { RecordOptions, Zone } from './zone.ts'
