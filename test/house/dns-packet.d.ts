/** What neutral code may see of dns-packet: its own types bring Node's with them, and `Buffer` would compile everywhere. */
export type RecordType = string
export const RECURSION_DESIRED: number
export const CHECKING_DISABLED: number
export const DNSSEC_OK: number
export function encode(packet: unknown): Uint8Array
