/** The public surface of @portolan/dnssec; its record types are in `@portolan/dnssec/records`. */
export { ROOT_ANCHORS, type TrustAnchor } from './anchors.ts'
export type { Limits } from './limits.ts'
export type { ValidatorOptions } from './options.ts'
export type { Reason } from './reasons.ts'
export { validated } from './validated.ts'
