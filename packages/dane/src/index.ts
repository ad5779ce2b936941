/** The public surface of @portolan/dane: records, the plugin, and the types that its verdicts have. */

export { type DaneFact, type DaneMode, type Gate, tlsaState } from './fact.ts'
export type { FaultCode } from './fault.ts'
export { tlsaOwner } from './learn.ts'
export { matchesDnsId } from './names.ts'
export { type DaneOptions, type DanePlugin, dane } from './plugin.ts'
export type { AuthLevel } from './strength.ts'
export { formatTlsa, parseTlsa, TLSA, type Tlsa } from './tlsa.ts'
export {
  DEFAULT_USAGES,
  type SortedRecords,
  sortByUsability,
  strongestDigests,
  type UnusableReason,
  type UsableTlsa,
  type Usage,
  unusableBecause,
} from './usability.ts'
export type { JudgeOptions, PeerEvidence, Refusal, RefusalFacts, Verdict } from './verdict.ts'
