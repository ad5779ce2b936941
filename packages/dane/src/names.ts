/** Whether a certificate names the server that was meant (RFC 9525 §6; SRV-ID: RFC 4985). The CN never counts. */
import { displayName, type Name } from '@portolan/core'
import { latin1Text } from './der.ts'
import type { GeneralName } from './general-name.ts'

/** id-on-dnsSRV (RFC 4985 §2). */
const SRV_NAME = '1.3.6.1.5.5.7.8.7'

export interface ReferenceIdentity {
  /** DNS-IDs: any one of them is enough. */
  readonly names: readonly Name[]
  /** SRV-IDs such as `_secure-mqtt.fleet.example.`, accepted beside them. */
  readonly srvNames?: readonly Name[] | undefined
}

export function identifies(presented: readonly GeneralName[], reference: ReferenceIdentity): boolean {
  return presented.some((name) => {
    if (name.form === 'dns') return reference.names.some((wanted) => matchesDnsId(name.text, wanted))
    if (name.form !== 'other' || name.typeId !== SRV_NAME) return false
    const srvName = srvNameText(name.value)
    return reference.srvNames?.some((wanted) => srvName?.toLowerCase() === displayName(wanted)) ?? false
  })
}

/**
 * RFC 9525 §6.3: ASCII case does not count; `*` is the whole leftmost label and stands for exactly one. Stricter than the
 * RFC: not right below the root's children (`*.example`), and for letters, digits and hyphens alone, as OpenSSL has it.
 */
export function matchesDnsId(presented: string, reference: Name): boolean {
  const pattern = presented.toLowerCase()
  const wanted = displayName(reference)
  if (!pattern.startsWith('*.')) return pattern === wanted
  const [host = '', ...parents] = wanted.split('.')
  return /^[a-z\d-]+$/.test(host) && parents.length > 1 && pattern.slice(2) === parents.join('.')
}

/** SRVName is an IA5String (RFC 4985 §2). */
function srvNameText(value: Uint8Array): string | undefined {
  const [tag = 0, length = 0] = value
  if (tag !== 0x16 || length > 127 || length !== value.length - 2) return undefined
  return latin1Text(value.subarray(2))
}
