/** Masks of address ranges in name constraints, which must be prefixes (RFC 5280 §4.2.1.10, RFC 4632). */
import { contentOf, type Element, elementsIn, TAG, wholeElement } from './der.ts'

const IP_ADDRESS = 0x87

/**
 * Whether NameConstraints hold a mask with gaps, such as 255.0.255.0. Asked of the octets, because the schema turns every
 * mask into a prefix length.
 */
export function hasGappedMask(nameConstraints: Uint8Array): boolean {
  const childrenOf = (parent: Element): readonly Element[] => elementsIn(nameConstraints, parent) ?? []
  const whole = wholeElement(nameConstraints, TAG.sequence)
  const subtrees = whole ? childrenOf(whole).flatMap(childrenOf) : []
  return subtrees
    .flatMap((subtree) => childrenOf(subtree).slice(0, 1))
    .some((base) => base.tag === IP_ADDRESS && isGapped(maskOf(contentOf(nameConstraints, base))))
}

/** The second half: address and mask are of one length. */
function maskOf(range: Uint8Array): Uint8Array {
  return range.subarray(range.length >> 1)
}

function isGapped(mask: Uint8Array): boolean {
  return Array.from(mask, (octet) => octet.toString(2).padStart(8, '0'))
    .join('')
    .includes('01')
}
