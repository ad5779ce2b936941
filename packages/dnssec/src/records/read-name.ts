/** Names inside rdata. */
import { isPortolanError, MalformedRecordError, nameFromWire } from '@portolan/core'

/** An uncompressed name that begins at `offset`. */
export function readName(mnemonic: string, rdata: Uint8Array, offset: number): ReturnType<typeof nameFromWire> {
  try {
    return nameFromWire(rdata, offset)
  } catch (cause) {
    if (!isPortolanError(cause)) throw cause
    throw new MalformedRecordError(mnemonic, cause.message)
  }
}
