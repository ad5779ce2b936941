/** Name constraints (RFC 5280 §4.2.1.10): which names the certificates below a CA may carry. */
import { A, AAAA } from '@portolan/core'
import { type Certificate, isSelfIssued } from './certificate.ts'
import type { CertificateFields, Subtree } from './certificate-fields.ts'
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
  if (relevant.some(({ base, plain }) => !plain || !isComparable(base)))
    return `a constraint on ${show(name)} that we cannot process`
  if (relevant.length > 0 && !(isComparable(name) && hasHost(name)))
    return `${show(name)} is malformed, so constraints cannot be applied to it`
  if (excluded.some((subtree) => ofForm(subtree) && isWithin(name, subtree.base)))
    return `${show(name)} is excluded by a CA above`
  if (permitted.some(ofForm) && !permitted.some((subtree) => ofForm(subtree) && isWithin(name, subtree.base))) {
    return `${show(name)} is outside what a CA above permits`
  }
  return undefined
}

/** What the schema makes of 4, 8, 16 and 32 octets; of other numbers it makes plain hexadecimal. */
const IP = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f:]*:[\da-f:]*)(\/\d{1,3})?$/

function isComparable(name: GeneralName): boolean {
  if (name.form === 'other' || name.form === 'unsupported') return false
  if (name.form === 'ip') return IP.test(name.text)
  // A dNSName with a leading or doubled dot is no name (RFC 5280 §4.2.1.6, §4.2.1.10), though some CAs write one.
  return name.form !== 'dns' || name.text === '' || name.text.split('.').every((label) => label !== '')
}

/** A mailbox has a host, and a URI must have one that is no address (RFC 5280 §4.2.1.10), or constraints say nothing of it. */
function hasHost(name: GeneralName): boolean {
  if (name.form === 'email') return /[^@]@[^@]+$/.test(name.text)
  if (name.form !== 'uri') return true
  const host = hostOfUri(name.text.toLowerCase())
  return /[a-z]/.test(host.slice(host.lastIndexOf('.') + 1))
}

function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.form === 'directory' && base.form === 'directory') return base.rdns.every((rdn, i) => rdn === name.rdns[i])
  if (!('text' in name) || !('text' in base)) return false
  const [text, limit] = [name.text.toLowerCase(), base.text.toLowerCase()]
  switch (name.form) {
    case 'dns':
      return limit === '' || text === limit || text.endsWith(`.${limit}`)
    case 'email':
      return limit.includes('@') ? isSameMailbox(name.text, base.text) : isHostWithin(hostOfMailbox(text), limit)
    case 'uri':
      return isHostWithin(hostOfUri(text), limit)
    case 'ip':
      return isAddressWithin(name.text, base.text)
  }
}

/** For email and URI a leading dot means any host below; without it, that host alone. */
function isHostWithin(host: string, limit: string): boolean {
  return limit === '' || (limit.startsWith('.') ? host.endsWith(limit) : host === limit)
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

/** `192.0.2.0/24` or the IPv6 likeness: the schema gives the mask as a prefix length (RFC 4632). */
function isAddressWithin(address: string, range: string): boolean {
  const [network = '', prefixLength = ''] = range.split('/')
  const [bits, base] = [address, network].map(addressBits)
  return bits?.length === base?.length && bits?.slice(0, Number(prefixLength)) === base?.slice(0, Number(prefixLength))
}

function addressBits(address: string): string {
  const octets = address.includes(':') ? AAAA.encode(address) : A.encode(address)
  return Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('')
}

function show(name: GeneralName): string {
  if ('text' in name) return JSON.stringify(name.text.slice(0, 100))
  return name.form === 'directory' ? 'the subject or a directory name' : `a name of the form ${name.form}`
}
