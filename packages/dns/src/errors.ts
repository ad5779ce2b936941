/** The error of this package's own: octets that are no DNS message. What a question ended in is core's LookupError. */
import { isPortolanError, PortolanError } from '@portolan/core'

/** Octets that cannot be read as one whole DNS message (RFC 1035 §4); `offset` says where reading stopped. */
export class MalformedMessageError extends PortolanError {
  override readonly name = 'MalformedMessageError'
  readonly code = 'dns/malformed'
  /** In octets from the message's beginning. */
  readonly offset: number
  constructor(why: string, offset: number) {
    super(`malformed DNS message: ${why} (octet ${offset})`)
    this.offset = offset
  }
}

/** Recognises it even where several copies of this package are loaded. */
export function isMalformedMessage(error: unknown): error is MalformedMessageError {
  return isPortolanError(error) && error.code === 'dns/malformed'
}
