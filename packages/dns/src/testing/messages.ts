/** For the tests: messages written octet by octet, so that what is wrong in them is wrong on purpose. */
import { joined } from '../rdata.ts'

export const RESPONSE = 0x8180

export interface RawMessage {
  readonly id?: number
  readonly bits?: number
  readonly questions?: readonly Uint8Array[]
  readonly answer?: readonly Uint8Array[]
  readonly authority?: readonly Uint8Array[]
  readonly additional?: readonly Uint8Array[]
}

export function message(parts: RawMessage): Uint8Array {
  const { id = 0x1234, bits = RESPONSE, questions = [], answer = [], authority = [], additional = [] } = parts
  return joined([
    u16(id, bits, questions.length, answer.length, authority.length, additional.length),
    ...questions,
    ...answer,
    ...authority,
    ...additional,
  ])
}

export function question(name: string | Uint8Array, type: number, recordClass = 1): Uint8Array {
  return joined([wire(name), u16(type, recordClass)])
}

export interface RawFields {
  readonly ttl?: number
  readonly class?: number
  /** RDLENGTH, where it shall lie. */
  readonly length?: number
}

export function record(
  owner: string | Uint8Array,
  type: number,
  rdata: Uint8Array,
  { ttl = 300, class: recordClass = 1, length = rdata.length }: RawFields = {},
): Uint8Array {
  return joined([wire(owner), u16(type, recordClass, ttl >>> 16, ttl & 0xffff, length), rdata])
}

export interface OptFlags {
  readonly upperRcode?: number
  readonly dnssecOk?: boolean
}

export function opt(
  rdata: Uint8Array = new Uint8Array(),
  { upperRcode = 0, dnssecOk = true }: OptFlags = {},
): Uint8Array {
  return record('.', 41, rdata, { class: 1232, ttl: ((upperRcode << 24) | (dnssecOk ? 0x8000 : 0)) >>> 0 })
}

/** An RRSIG whose signature is nonsense. */
export function rrsig(covered: number, signer = 'example.'): Uint8Array {
  return joined([u16(covered), Uint8Array.of(13, 2), u16(0, 300, 0, 0, 0, 0, 4711), wire(signer), new Uint8Array(64)])
}

export function srv(target: string | Uint8Array, port = 8883, priority = 0, weight = 0): Uint8Array {
  return joined([u16(priority, weight, port), wire(target)])
}

export function soa(minimum: number): Uint8Array {
  return joined([
    wire('ns.example.'),
    wire('admin.example.'),
    u16(0, 1, 0, 2, 0, 3, 0, 4, minimum >>> 16, minimum & 0xffff),
  ])
}

export function pointer(offset: number): Uint8Array {
  return u16(0xc000 | offset)
}

export function u16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]))
}

/** Text becomes labels in the case that it has, octets stay: so a test can write what no name may be. */
export function wire(name: string | Uint8Array): Uint8Array {
  if (typeof name !== 'string') return name
  const labels = name.split('.').filter((label) => label !== '')
  return joined([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Uint8Array.of(0),
  ])
}
