/** EDNS: what an OPT record says (RFC 6891 §6.1), and Extended DNS Errors in it (RFC 8914). */
import { MalformedMessageError } from './errors.ts'

export const OPT = 41
const EXTENDED_ERROR = 15

export interface EdnsOption {
  readonly code: number
  readonly data: Uint8Array
}

export interface Edns {
  readonly version: number
  /** The largest datagram that the sender takes. */
  readonly udpPayloadOctets: number
  /** DNSSEC OK (RFC 3225). */
  readonly do: boolean
  readonly options: readonly EdnsOption[]
}

/** OPT keeps its fields where other records have class and TTL (RFC 6891 §6.1.3). */
export interface OptFields {
  readonly class: number
  /** Upper bits of the response code, version, DO: 32 bits. */
  readonly ttlBits: number
  readonly rdata: Uint8Array
}

/** @throws MalformedMessageError where the options do not fill the rdata exactly */
export function ednsOf(opt: OptFields, offset: number): Edns {
  const options: EdnsOption[] = []
  const field = new DataView(opt.rdata.buffer, opt.rdata.byteOffset, opt.rdata.length)
  for (let at = 0; at < opt.rdata.length; ) {
    if (at + 4 > opt.rdata.length) throw new MalformedMessageError('an EDNS option ends early', offset)
    const end = at + 4 + field.getUint16(at + 2)
    if (end > opt.rdata.length) throw new MalformedMessageError('an EDNS option is longer than its record', offset)
    options.push({ code: field.getUint16(at), data: opt.rdata.slice(at + 4, end) })
    at = end
  }
  return {
    version: (opt.ttlBits >>> 16) & 0xff,
    udpPayloadOctets: opt.class,
    do: (opt.ttlBits & 0x8000) !== 0,
    options,
  }
}

/** The Extended DNS Errors of a message; text is for people only, so what could steer a terminal is replaced. */
export function extendedErrorsOf(edns: Edns | undefined): readonly { readonly code: number; readonly text: string }[] {
  return (edns?.options ?? [])
    .filter(({ code, data }) => code === EXTENDED_ERROR && data.length >= 2)
    .map(({ data: [high = 0, low = 0, ...text] }) => ({
      code: (high << 8) | low,
      // RFC 8914 §2: UTF-8, possibly null-terminated.
      text: new TextDecoder().decode(Uint8Array.from(text)).replace(/\0+$/, '').replace(/\p{C}/gu, '\ufffd'),
    }))
}
