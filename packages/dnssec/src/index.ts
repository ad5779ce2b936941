/** The public surface of @portolan/dnssec; its record types are in `@portolan/dnssec/records`. */
export { parseTrustAnchors, ROOT_ANCHORS, type TrustAnchor, type TrustAnchors } from './anchors.ts'
export { LIMITS, type Limits } from './limits.ts'
export { EXTENDED_ERROR_OF_REASON, type Reason } from './reasons.ts'
export { type ValidatorOptions, validated } from './validated.ts'
