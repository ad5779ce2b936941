/** The public surface of @portolan/dnssec. */
export { crypto } from '#crypto'
