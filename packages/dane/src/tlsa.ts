/** TLSA: which certificate or key a TLS server has (RFC 6698 §2), its rdata and its presentation form. */
import { MalformedRecordError, type RecordType } from '@portolan/core'
import { toHex } from './der.ts'

/** Numbers as they stand in the record: whether a client can use them is `usability`'s business, not the reader's. */
export interface Tlsa {
  /** 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 §2.1). */
  readonly usage: number
  /** 0 Cert, 1 SPKI (RFC 7218 §2.2). */
  readonly selector: number
  /** 0 Full, 1 SHA2-256, 2 SHA2-512 (RFC 7218 §2.3). */
  readonly matchingType: number
  /** The certificate association data. */
  readonly data: Uint8Array
}

/**
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Cert. Usage  |   Selector    | Matching Type |               /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+               /
 * /                 Certificate Association Data                  /
 * ```
 */
export const TLSA: RecordType<Tlsa> = {
  mnemonic: 'TLSA',
  code: 52,
  decode(rdata) {
    const [usage, selector, matchingType] = rdata
    if (usage === undefined || selector === undefined || matchingType === undefined) {
      throw new MalformedRecordError('TLSA', `${rdata.length} octets, expected at least 3`)
    }
    return { usage, selector, matchingType, data: rdata.slice(3) }
  },
  encode({ usage, selector, matchingType, data }) {
    for (const number of [usage, selector, matchingType]) {
      if (!isOctet(number)) throw new MalformedRecordError('TLSA', `${number} is no octet`)
    }
    return Uint8Array.of(usage, selector, matchingType, ...data)
  },
}

/** Presentation form (RFC 6698 §2.2): `3 1 1 0b9f…`. */
export function formatTlsa({ usage, selector, matchingType, data }: Tlsa): string {
  return `${usage} ${selector} ${matchingType} ${toHex(data)}`
}

/** Mnemonics of RFC 7218, which master files may hold in place of numbers. */
const MNEMONICS: readonly (readonly [string, readonly string[]])[] = [
  ['usage', ['PKIX-TA', 'PKIX-EE', 'DANE-TA', 'DANE-EE']],
  ['selector', ['CERT', 'SPKI']],
  ['matching type', ['FULL', 'SHA2-256', 'SHA2-512']],
]

/**
 * Reads the presentation form; the data may be broken by white space, as master files do (RFC 6698 §2.2).
 * @throws MalformedRecordError
 */
export function parseTlsa(text: string): Tlsa {
  const words = text.trim().split(/\s+/)
  const [usage = 0, selector = 0, matchingType = 0] = MNEMONICS.map(([field, names], i) => {
    const word = words[i] ?? ''
    const named = names.indexOf(word.toUpperCase())
    const number = named >= 0 ? named : /^\d{1,3}$/.test(word) ? Number(word) : -1
    if (!isOctet(number)) throw new MalformedRecordError('TLSA', `${JSON.stringify(word)} is no ${field}`)
    return number
  })
  const hex = words.slice(3).join('')
  if (!/^([\da-f]{2})*$/i.test(hex)) throw new MalformedRecordError('TLSA', 'the association data is no hexadecimal')
  return { usage, selector, matchingType, data: fromHex(hex) }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

function isOctet(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= 255
}
