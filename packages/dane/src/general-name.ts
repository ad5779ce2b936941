/** GeneralName (RFC 5280 §4.2.1.6) as one union, so that every reader has to say what it does with each form. */
import { contentOf, type Element, elementAt, elementsIn, latin1Text, oidText, TAG } from './der.ts'
import { canonicalRdns } from './distinguished-name.ts'

export type GeneralName =
  | { readonly form: 'dns' | 'email' | 'uri'; readonly text: string }
  /** An address; in name constraints, where it is a range, address and mask. */
  | { readonly form: 'ip'; readonly octets: Uint8Array }
  | { readonly form: 'directory'; readonly rdns: readonly string[] }
  /** `value` is the element that the type defines. */
  | { readonly form: 'other'; readonly typeId: string; readonly value: Uint8Array }
  /** Known to exist, never compared. */
  | { readonly form: 'x400' | 'edi-party' | 'registered-id' }

/** The tags of the choice. A Name is a choice of its own, so its tag is an explicit one (X.680 §31.2.7). */
const FORM = {
  other: 0xa0,
  email: 0x81,
  dns: 0x82,
  x400: 0xa3,
  directory: 0xa4,
  ediParty: 0xa5,
  uri: 0x86,
  ip: 0x87,
  registeredId: 0x88,
} as const
const EXPLICIT_VALUE = 0xa0

/**
 * Text is IA5: what is no ASCII in it matches nothing.
 * @throws Error where the element is none; whoever reads the certificate refuses it
 */
export function generalName(der: Uint8Array, element: Element): GeneralName {
  switch (element.tag) {
    case FORM.email:
      return { form: 'email', text: latin1Text(contentOf(der, element)) }
    case FORM.dns:
      return { form: 'dns', text: latin1Text(contentOf(der, element)) }
    case FORM.uri:
      return { form: 'uri', text: latin1Text(contentOf(der, element)) }
    case FORM.ip:
      return { form: 'ip', octets: contentOf(der, element) }
    case FORM.directory:
      return { form: 'directory', rdns: rdnsOf(contentOf(der, element)) }
    case FORM.other:
      return otherName(der, element)
    case FORM.x400:
      return { form: 'x400' }
    case FORM.ediParty:
      return { form: 'edi-party' }
    case FORM.registeredId:
      return { form: 'registered-id' }
    default:
      throw new Error('a general name of no form')
  }
}

function rdnsOf(der: Uint8Array): readonly string[] {
  const rdns = canonicalRdns(der)
  if (rdns === undefined) throw new Error('a directoryName is malformed')
  return rdns
}

function otherName(der: Uint8Array, element: Element): GeneralName {
  const [id, wrapped, ...surplus] = elementsIn(der, element) ?? []
  const typeId = id?.tag === TAG.oid ? oidText(contentOf(der, id)) : undefined
  const value = wrapped?.tag === EXPLICIT_VALUE ? contentOf(der, wrapped) : undefined
  if (typeId === undefined || value === undefined || surplus.length > 0 || elementAt(value, 0)?.end !== value.length) {
    throw new Error('an otherName is malformed')
  }
  return { form: 'other', typeId, value }
}
