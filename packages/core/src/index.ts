/** The public surface of @portolan/core. */
export { nextTurn } from '#turns'
export { A } from './a.ts'
export { AAAA } from './aaaa.ts'
export { abortable, onAbort } from './abort.ts'
export { CNAME, DNAME, substituted } from './alias.ts'
export type { Alias, Answer, Lookup } from './answer.ts'
export { candidates, type DiscoverOptions, discover } from './discover.ts'
export {
  DiscoveryError,
  type DiscoveryErrorCode,
  InvalidNameError,
  InvalidOptionError,
  isPortolanError,
  LookupError,
  type LookupErrorCode,
  type LookupFacts,
  MalformedRecordError,
  PortolanError,
  Veto,
} from './errors.ts'
export type { CallOptions, Denial, Exchange, Query, Reply, Rrset } from './exchange.ts'
export { type Identity, type IdentityInput, identity, type TlsaState } from './identity.ts'
export {
  displayName,
  isAtOrBelow,
  labelsOf,
  type Name,
  nameFromWire,
  nameToWire,
  parentOf,
  parseDomain,
  parseName,
  prefixed,
  ROOT,
  selfAndAncestors,
} from './name.ts'
export { chainAsSent, type ShownCertificate } from './peer-chain.ts'
export type {
  Address,
  Candidate,
  Facts,
  PeerAuthentication,
  PeerVerdict,
  Plan,
  Plugin,
  PluginContext,
  Preference,
  Service,
  Target,
  TargetAddresses,
  TargetInspection,
  TlsPeer,
  TraceEntry,
  VetoedTarget,
} from './plugin.ts'
export {
  type Link,
  NOT_JUDGED,
  type Proof,
  type Secure,
  type Security,
  type Unproved,
  type Usable,
  weakest,
} from './proof.ts'
export {
  canonicalRdata,
  type RawRecord,
  type RdataField,
  type RdataLayout,
  type RecordType,
  rdataLayout,
  typeText,
} from './records.ts'
export { MQTT, SECURE_MQTT, type ServiceType } from './service.ts'
export { SRV, type Srv } from './srv.ts'
