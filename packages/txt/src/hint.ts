/** The hint record that docs/profile.md defines: `"v=mqtt1" "sasl=SCRAM-SHA-256 EXTERNAL"`. */
import { MalformedRecordError } from '@portolan/core'
// The small flavour: the other one takes twice as long to load.
import * as z from 'zod/mini'
import { attributeOf, attributesOf } from './attributes.ts'
import type { Txt } from './txt.ts'

/** What an operator says in it. */
export interface Hint {
  /** SASL mechanisms (RFC 4422 §3.1), the operator's preferred one first; `undefined` where the record doesn't speak of them. */
  readonly mechanisms: readonly string[] | undefined
}

const VERSION = 'mqtt1'
const encoder = new TextEncoder()

/** RFC 4422 §3.1: one to twenty of A–Z, 0–9, hyphen and underscore. */
const mechanism = z.string().check(
  z.regex(/^[A-Z0-9_-]{1,20}$/, {
    error: ({ input }) => `${JSON.stringify(input)} is no name of a SASL mechanism (RFC 4422 §3.1)`,
  }),
)
/** One space between two names; a name that comes again says nothing new. */
const mechanismList = z.pipe(
  z.pipe(
    z.string({ error: 'sasl has no value' }),
    z.transform((list: string) => list.split(' ')),
  ),
  z.pipe(
    z.array(mechanism),
    z.transform((names: string[]): readonly string[] => [...new Set(names)]),
  ),
)

/** Whether a record is one of this format and version: `v=mqtt1` is its first string. Others at the name are not ours to read. */
export function isHint(strings: Txt): boolean {
  const first = strings[0] === undefined ? undefined : attributeOf(strings[0])
  return first?.key === 'v' && first.value !== undefined && textOf(first.value) === VERSION
}

/**
 * Reads a hint record. Keys that it does not know are left alone (RFC 6763 §6.3).
 * @throws MalformedRecordError
 */
export function parseHint(strings: Txt): Hint {
  if (!isHint(strings)) throw new MalformedRecordError('TXT', `its first string is not "v=${VERSION}"`)
  const sasl = attributesOf(strings).get('sasl')
  if (sasl === undefined) return { mechanisms: undefined }
  const read = mechanismList.safeParse(sasl.value && textOf(sasl.value))
  if (!read.success) throw new MalformedRecordError('TXT', read.error.issues.map(({ message }) => message).join('; '))
  return { mechanisms: read.data }
}

/**
 * The strings of a hint record, for whoever publishes one.
 * @throws MalformedRecordError for a name that is no mechanism's, for none at all, and for more than 255 octets hold
 */
export function hintRecord(mechanisms: readonly string[]): Txt {
  const sasl = encoder.encode(`sasl=${mechanisms.join(' ')}`)
  if (sasl.length > 255) {
    throw new MalformedRecordError('TXT', `its mechanisms take ${sasl.length} octets, at most 255 fit`)
  }
  const strings = [encoder.encode(`v=${VERSION}`), sasl]
  parseHint(strings)
  return strings
}

/** Whether a text is the name of a SASL mechanism (RFC 4422 §3.1). */
export function isMechanismName(name: string): boolean {
  return mechanism.safeParse(name).success
}

/** Octet by octet: what is not ASCII becomes a letter that no key or name here has. */
function textOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join('')
}
