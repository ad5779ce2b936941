/** From the ASN.1 schema's GeneralName to ours. */
import type { GeneralName as Asn1GeneralName, Name as Asn1Name } from '@peculiar/asn1-x509'
import { asn1 } from './asn1.node.ts'
import { canonicalRdns } from './distinguished-name.ts'
import type { GeneralName } from './general-name.ts'

/** @throws Error where a directoryName is malformed; the caller refuses the certificate */
export function generalName(name: Asn1GeneralName): GeneralName {
  if (name.dNSName !== undefined) return { form: 'dns', text: name.dNSName }
  if (name.rfc822Name !== undefined) return { form: 'email', text: name.rfc822Name }
  if (name.uniformResourceIdentifier !== undefined) return { form: 'uri', text: name.uniformResourceIdentifier }
  if (name.iPAddress !== undefined) return { form: 'ip', text: name.iPAddress }
  if (name.otherName !== undefined) {
    return { form: 'other', typeId: name.otherName.typeId, value: new Uint8Array(name.otherName.value) }
  }
  if (name.directoryName !== undefined) return { form: 'directory', rdns: rdnsOf(name.directoryName) }
  return { form: 'unsupported' }
}

function rdnsOf(name: Asn1Name): readonly string[] {
  const rdns = canonicalRdns(new Uint8Array(asn1().AsnConvert.serialize(name)))
  if (rdns === undefined) throw new Error('a directoryName is malformed')
  return rdns
}
