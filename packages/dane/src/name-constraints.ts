/** Name constraints (RFC 5280 §4.2.1.10): which names the certificates below a CA may carry. */
import { type Certificate, isSelfIssued } from './certificate.ts'
import type { CertificateFields, Subtree } from './certificate-fields.ts'
import { toHex } from './der.ts'
import { emailAddressesOf } from './distinguished-name.ts'
import type { Fault } from './fault.ts'
import type { GeneralName } from './general-name.ts'

/** Names × subtrees that one path may cost; beyond it the chain is refused, not half checked. */
const MAX_COMPARISONS = 100_000

/**
 * The constraints of every CA of a path on everything below it. Self-issued intermediates are exempt, a self-issued leaf is
 * not (RFC 5280 §6.1.3 b). `path` runs from the leaf to the anchor.
 */
export function nameConstraintsFault(path: readonly Certificate[]): Fault | undefined {
  let comparisons = 0
  for (const [height, ca] of path.entries()) {
    const constraints = ca.fields?.nameConstraints
    if (constraints === undefined) continue
    for (const [depth, below] of path.slice(0, height).entries()) {
      if (depth > 0 && isSelfIssued(below)) continue
      const names = namesOf(below)
      comparisons += names.length * (constraints.permitted.length + constraints.excluded.length)
      if (comparisons > MAX_COMPARISONS) return fault('more names and constraints than we compare')
      for (const name of names) {
        const reason = violation(name, constraints)
        if (reason !== undefined) return fault(reason)
      }
    }
  }
  return undefined
}

function fault(detail: string): Fault {
  return { code: 'name-constraints', detail }
}

/** Alternative names, and the subject, unless it is empty: as a directory name, and its mailboxes as such. */
function namesOf({ fields, frame, subjectRdns }: Certificate): readonly GeneralName[] {
  const subject: readonly GeneralName[] = subjectRdns.length > 0 ? [{ form: 'directory', rdns: subjectRdns }] : []
  const mailboxes = emailAddressesOf(frame.subject).map((text): GeneralName => ({ form: 'email', text }))
  return [...subject, ...mailboxes, ...(fields?.subjectAltNames ?? [])]
}

function violation(
  name: GeneralName,
  { permitted, excluded }: NonNullable<CertificateFields['nameConstraints']>,
): string | undefined {
  const ofForm = ({ base }: Subtree) => base.form === name.form
  const relevant = [...permitted.filter(ofForm), ...excluded.filter(ofForm)]
  // What we cannot compare, we refuse (RFC 5280 §4.2.1.10: process the constraint or reject the certificate).
  if (relevant.some(({ base, plain }) => !plain || !isComparableBase(base)))
    return `a constraint on ${show(name)} that we cannot process`
  if (relevant.length > 0 && !isComparable(name))
    return `${show(name)} is malformed, so constraints cannot be applied to it`
  if (excluded.some((subtree) => ofForm(subtree) && isWithin(name, subtree.base)))
    return `${show(name)} is excluded by a CA above`
  if (permitted.some(ofForm) && !permitted.some((subtree) => ofForm(subtree) && isWithin(name, subtree.base))) {
    return `${show(name)} is outside what a CA above permits`
  }
  return undefined
}

function isComparable(name: GeneralName): boolean {
  switch (name.form) {
    case 'dns':
      return isDnsName(name.text)
    // A mailbox has a host, and a URI must have one that is no address (RFC 5280 §4.2.1.10), or constraints say nothing of it.
    case 'email':
      return /[^@]@[^@]+$/.test(name.text)
    case 'uri':
      return /[a-z]/.test(lastLabel(hostOfUri(name.text.toLowerCase())))
    case 'ip':
      return [4, 16].includes(name.octets.length)
    case 'directory':
      return true
    default:
      return false
  }
}

function isComparableBase(base: GeneralName): boolean {
  switch (base.form) {
    case 'dns':
      return isDnsName(base.text)
    // A mailbox, a host, or a domain with a leading dot: nothing at all, and nobody at a host, are none of these.
    case 'email':
      return /^[^@]+$|[^@]@[^@]+$/.test(base.text)
    case 'uri':
      return base.text !== ''
    case 'ip':
      return [8, 32].includes(base.octets.length) && !isGapped(maskOf(base.octets))
    case 'directory':
      return true
    default:
      return false
  }
}

/** An address ends in digits alone, no host name does (RFC 1123 §2.1). */
function lastLabel(host: string): string {
  return host.slice(host.lastIndexOf('.') + 1)
}

/** A dNSName with a leading or doubled dot is no name (RFC 5280 §4.2.1.6, §4.2.1.10), though some CAs write one. */
function isDnsName(text: string): boolean {
  return text === '' || text.split('.').every((label) => label !== '')
}

function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.form === 'directory' && base.form === 'directory') return base.rdns.every((rdn, i) => rdn === name.rdns[i])
  if (name.form === 'ip' && base.form === 'ip') return isInRange(name.octets, base.octets)
  if (!('text' in name) || !('text' in base)) return false
  const [text, limit] = [name.text.toLowerCase(), base.text.toLowerCase()]
  switch (name.form) {
    case 'dns':
      return limit === '' || text === limit || text.endsWith(`.${limit}`)
    case 'email':
      return limit.includes('@') ? isSameMailbox(name.text, base.text) : isHostWithin(hostOfMailbox(text), limit)
    case 'uri':
      return isHostWithin(hostOfUri(text), limit)
  }
}

/** For email and URI a leading dot means any host below; without it, that host alone. */
function isHostWithin(host: string, limit: string): boolean {
  return limit.startsWith('.') ? host.endsWith(limit) : host === limit
}

/** Letters count in the local part and not in the host (RFC 5280 §7.5). */
function isSameMailbox(a: string, b: string): boolean {
  const [localA, localB] = [a, b].map((mailbox) => mailbox.slice(0, mailbox.lastIndexOf('@')))
  return localA === localB && hostOfMailbox(a.toLowerCase()) === hostOfMailbox(b.toLowerCase())
}

function hostOfMailbox(mailbox: string): string {
  return mailbox.slice(mailbox.lastIndexOf('@') + 1)
}

function hostOfUri(uri: string): string {
  return /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]*)/.exec(uri)?.[1] ?? ''
}

/** Address and mask of one length, one after the other (RFC 5280 §4.2.1.10). */
function isInRange(address: Uint8Array, range: Uint8Array): boolean {
  const mask = maskOf(range)
  return (
    address.length === mask.length && address.every((octet, i) => ((octet ^ (range[i] ?? 0)) & (mask[i] ?? 0)) === 0)
  )
}

function maskOf(range: Uint8Array): Uint8Array {
  return range.subarray(range.length >> 1)
}

/** Masks are prefixes (RFC 4632): 255.0.255.0 is none. */
function isGapped(mask: Uint8Array): boolean {
  return Array.from(mask, (octet) => octet.toString(2).padStart(8, '0'))
    .join('')
    .includes('01')
}

function show(name: GeneralName): string {
  if ('text' in name) return JSON.stringify(name.text.slice(0, 100))
  if (name.form === 'ip') return `the address ${toHex(name.octets.slice(0, 32))}`
  return name.form === 'directory' ? 'the subject or a directory name' : `a name of the form ${name.form}`
}
