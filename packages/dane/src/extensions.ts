/** The extensions of a certificate, framed (RFC 5280 §4.1.2.9): what their values mean is read elsewhere (extension-values.ts). */
import { contentOf, type Element, elementsIn, oidText, TAG, wholeElement } from './der.ts'

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array
}

/**
 * @param der the SEQUENCE of extensions
 * @throws Error where it is none
 */
export function framedExtensions(der: Uint8Array): readonly Extension[] {
  const whole = wholeElement(der, TAG.sequence)
  const list = whole && elementsIn(der, whole)
  // RFC 5280 §4.1.2.9: SIZE (1..MAX).
  if (list === undefined || list.length === 0) throw new Error('extensions that are none')
  return list.map((element) => framed(der, element))
}

function framed(der: Uint8Array, element: Element): Extension {
  const parts = element.tag === TAG.sequence ? elementsIn(der, element) : undefined
  const [id, second, third, ...surplus] = parts ?? []
  const flag = second?.tag === TAG.boolean ? second : undefined
  const value = flag === undefined ? second : third
  const isLong = flag === undefined ? third !== undefined : surplus.length > 0
  const oid = id?.tag === TAG.oid ? oidText(contentOf(der, id)) : undefined
  if (oid === undefined || value?.tag !== TAG.octetString || isLong) throw new Error('an extension that is none')
  const octets = flag && contentOf(der, flag)
  if (octets !== undefined && octets.length !== 1) throw new Error(`extension ${oid} has a flag that is none`)
  return { oid, critical: octets !== undefined && octets[0] !== 0, value: contentOf(der, value) }
}
