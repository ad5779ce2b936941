/** GeneralName (RFC 5280 §4.2.1.6) as one union, so that every reader has to say what it does with each form. */

export type GeneralName =
  | { readonly form: 'dns' | 'email' | 'uri' | 'ip'; readonly text: string }
  | { readonly form: 'directory'; readonly rdns: readonly string[] }
  | { readonly form: 'other'; readonly typeId: string; readonly value: Uint8Array }
  /** x400Address, ediPartyName, registeredID: known to exist, never compared. */
  | { readonly form: 'unsupported' }
