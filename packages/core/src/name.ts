/** Domain names, parsed once: absolute, A–Z lowered, one escape form, so that `===` compares (RFC 4343, RFC 9499). */
import { InvalidNameError } from './errors.ts'

declare const brand: unique symbol

/**
 * An absolute name such as `fleet.example.` or `.`. Each octet that is not a letter, digit, `-` or another harmless
 * printable stands as `\DDD` (RFC 1035 §5.1), dots within a label too: so `split('.')` gives the labels and two names
 * are equal exactly when their strings are. Only `parseName`, `nameFromWire` and the functions here make one.
 */
export type Name = string & { readonly [brand]: true }

export const ROOT: Name = '.' as Name

const MAX_LABEL_OCTETS = 63
const MAX_NAME_OCTETS = 255
/** Octets that need an escape in a master file (RFC 1035 §5.1): " $ ( ) . ; @ \ */
const SPECIAL: ReadonlySet<number> = new Set([0x22, 0x24, 0x28, 0x29, 0x2e, 0x3b, 0x40, 0x5c])

const TEXT_OF_OCTET: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const lowered = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet
  const plain = lowered > 0x20 && lowered < 0x7f && !SPECIAL.has(lowered)
  return plain ? String.fromCharCode(lowered) : `\\${String(lowered).padStart(3, '0')}`
})

/**
 * Reads a name in presentation form (RFC 1035 §5.1), with or without the final dot; `\DDD` and `\X` escapes are understood.
 * Letters beyond ASCII are refused: `parseDomain` turns them into A-labels.
 * @throws InvalidNameError
 */
export function parseName(text: string): Name {
  if (text === '.') return ROOT
  if (text === '') throw new InvalidNameError(text, 'it is empty')
  const labels: string[] = []
  let label = ''
  let labelOctets = 0
  let nameOctets = 1
  const endLabel = () => {
    if (labelOctets === 0) throw new InvalidNameError(text, 'it has an empty label')
    if (labelOctets > MAX_LABEL_OCTETS)
      throw new InvalidNameError(text, `a label has ${labelOctets} octets, at most 63 fit`)
    nameOctets += labelOctets + 1
    labels.push(label)
    label = ''
    labelOctets = 0
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '.') {
      endLabel()
      continue
    }
    let octet = text.charCodeAt(i)
    if (character === '\\') {
      const decimal = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0]
      octet = decimal === undefined ? text.charCodeAt(i + 1) : Number(decimal)
      if (Number.isNaN(octet)) throw new InvalidNameError(text, 'it ends in a backslash')
      if (octet > 255) throw new InvalidNameError(text, `${text.slice(i, i + 4)} is no octet`)
      i += decimal === undefined ? 1 : 3
    } else if (octet > 0x7f) {
      throw new InvalidNameError(text, 'it has a letter outside ASCII (write it as an A-label, xn--…)')
    } else if (octet <= 0x20 || octet === 0x7f) {
      throw new InvalidNameError(text, 'it has a space or control character')
    }
    label += TEXT_OF_OCTET[octet]
    labelOctets++
  }
  if (labelOctets > 0) endLabel()
  if (nameOctets > MAX_NAME_OCTETS) throw new InvalidNameError(text, `it has ${nameOctets} octets, at most 255 fit`)
  return `${labels.join('.')}.` as Name
}

/**
 * Reads a domain as people write it: as `parseName`, and Unicode labels become A-labels (RFC 5891 by way of the URL standard).
 * @throws InvalidNameError
 */
export function parseDomain(text: string): Name {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII itself
  if (/^[\x00-\x7f]*$/.test(text)) return parseName(text)
  if (/[\s/\\:@?#[\]%]/.test(text)) throw new InvalidNameError(text, 'it has a character that no host name has')
  const url = URL.parse === undefined ? tryUrl(text) : URL.parse(`https://${text}/`)
  if (url === null) throw new InvalidNameError(text, 'it has no form in A-labels (RFC 5891)')
  return parseName(url.hostname)
}

function tryUrl(text: string): URL | null {
  try {
    return new URL(`https://${text}/`)
  } catch {
    return null
  }
}

/** The name whose uncompressed wire form starts at `offset`: its octets stay in `octets`, the Name is lowered. */
export function nameFromWire(octets: Uint8Array, offset = 0): { readonly name: Name; readonly end: number } {
  // Made at once from its letters: text that grows letter by letter costs several times as much to compare or look up.
  const letters: number[] = []
  const text = () => String.fromCharCode(...letters)
  let at = offset
  for (;;) {
    const length = octets[at]
    if (length === undefined || length > MAX_LABEL_OCTETS || at + 1 + length > octets.length) {
      throw new InvalidNameError(text(), 'its octets end early or hold a label of an unknown kind')
    }
    if (at + 1 + length - offset > MAX_NAME_OCTETS) {
      throw new InvalidNameError(text(), `it has more than ${MAX_NAME_OCTETS} octets`)
    }
    at++
    if (length === 0) break
    for (const end = at + length; at < end; at++) {
      const octet = octets[at] as number
      const letter = LETTER_OF_OCTET[octet] as number
      if (letter !== 0) letters.push(letter)
      else for (const one of TEXT_OF_OCTET[octet] as string) letters.push(one.charCodeAt(0))
    }
    letters.push(DOT)
  }
  return { name: (letters.length === 0 ? '.' : text()) as Name, end: at }
}

const DOT = 0x2e
/** One letter for most octets; 0 for those that need an escape. */
const LETTER_OF_OCTET: Uint8Array = Uint8Array.from(TEXT_OF_OCTET, (text) =>
  text.length === 1 ? text.charCodeAt(0) : 0,
)

/**
 * The uncompressed wire form (RFC 1035 §3.1), which for a Name is also its canonical form (RFC 4034 §6.2).
 * @throws InvalidNameError for text that only claims to be a Name
 */
export function nameToWire(name: Name): Uint8Array {
  if (name === ROOT) return Uint8Array.of(0)
  if (!name.endsWith('.')) throw notParsed(name)
  // Each letter is at most one octet, and the dot behind a label makes room for the length before it.
  const octets = new Uint8Array(name.length + 1)
  let start = 0
  let end = 1
  for (let i = 0; i < name.length; i++) {
    const letter = name.charCodeAt(i)
    if (letter === DOT) {
      octets[start] = end - start - 1
      start = end++
    } else if (letter === BACKSLASH) {
      octets[end++] = Number(name.slice(i + 1, i + 4))
      i += 3
    } else if (letter >= CAPITAL_A && letter <= CAPITAL_Z) throw notParsed(name)
    else octets[end++] = letter
  }
  return end === octets.length ? octets : octets.slice(0, end)
}

const BACKSLASH = 0x5c
const CAPITAL_A = 0x41
const CAPITAL_Z = 0x5a

/** Without types, any text may be passed where a Name belongs. */
function notParsed(text: string): InvalidNameError {
  return new InvalidNameError(
    text,
    'as a Name it is read by parseName first, which adds the final dot and lowers letters',
  )
}

/** Labels from the left, in the escaped form; the root has none. */
export function labelsOf(name: Name): readonly string[] {
  return name === ROOT ? [] : name.slice(0, -1).split('.')
}

/**
 * The name without its leftmost label; `undefined` for the root.
 * @throws InvalidNameError for text that only claims to be a Name
 */
export function parentOf(name: Name): Name | undefined {
  if (name === ROOT) return undefined
  // Its ancestors would have no end.
  if (!name.endsWith('.')) throw notParsed(name)
  const dot = name.indexOf('.')
  return (dot === name.length - 1 ? '.' : name.slice(dot + 1)) as Name
}

/** Whether `name` is `ancestor` or stands below it (RFC 9499 §7). */
export function isAtOrBelow(name: Name, ancestor: Name): boolean {
  return ancestor === ROOT || name === ancestor || name.endsWith(`.${ancestor}`)
}

/**
 * `name` and each of its ancestors, the root last.
 * @throws InvalidNameError for text that only claims to be a Name
 */
export function selfAndAncestors(name: Name): readonly Name[] {
  const names: Name[] = []
  for (let at: Name | undefined = name; at !== undefined; at = parentOf(at)) names.push(at)
  return names
}

/**
 * Puts labels, in presentation form, before a name: `prefixed('_8883._tcp', host)`.
 * @throws InvalidNameError where the whole passes 255 octets
 */
export function prefixed(labels: string, name: Name): Name {
  return parseName(name === ROOT ? labels : `${labels}.${name}`)
}

/** For people: without the final dot, which only the root keeps. */
export function displayName(name: Name): string {
  return name === ROOT ? name : name.slice(0, -1)
}
