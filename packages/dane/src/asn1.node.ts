/**
 * The ASN.1 schemas, the one module that loads them: with the first certificate of which fields are read (0.1 s), so that
 * discovery alone and bare keys (usage 3, selector 1) never pay. By `require`, because a verdict may not wait for an import.
 */
import { createRequire } from 'node:module'

export interface Asn1 {
  readonly AsnConvert: typeof import('@peculiar/asn1-schema').AsnConvert
  readonly schemas: typeof import('@peculiar/asn1-x509')
}

let loaded: Asn1 | undefined

export function asn1(): Asn1 {
  if (loaded === undefined) {
    const load = createRequire(import.meta.url)
    const { AsnConvert }: typeof import('@peculiar/asn1-schema') = load('@peculiar/asn1-schema')
    loaded = { AsnConvert, schemas: load('@peculiar/asn1-x509') }
  }
  return loaded
}
