/** Mnemonics of response codes (IANA, DNS RCODEs). */
const MNEMONICS: ReadonlyMap<number, string> = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [6, 'YXDOMAIN'],
  [7, 'YXRRSET'],
  [8, 'NXRRSET'],
  [9, 'NOTAUTH'],
  [10, 'NOTZONE'],
  [16, 'BADVERS'],
  [23, 'BADCOOKIE'],
])

export const NOERROR = 0
export const NXDOMAIN = 3

/** `SERVFAIL`, or `RCODE3841` for a code without mnemonic. */
export function rcodeText(rcode: number): string {
  return MNEMONICS.get(rcode) ?? `RCODE${rcode}`
}
