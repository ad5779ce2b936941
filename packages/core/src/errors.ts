/** The errors of Portolan: what was asked, of whom, what came back, as fields and a stable `code`. */
import type { Name } from './name.ts'
import type { Proof, Unproved } from './proof.ts'

const mark = Symbol.for('portolan.error')

/** Base of every error that Portolan throws on purpose. Switch on `code`, never on `message`. */
export abstract class PortolanError extends Error {
  /** Stable across releases; begins with the package, as in `core/service-not-offered`. */
  abstract readonly code: string
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    Object.defineProperty(this, mark, { value: true })
  }
}

/** Recognises our errors even where several copies of a package are loaded, which `instanceof` does not. */
export function isPortolanError(value: unknown): value is PortolanError {
  return typeof value === 'object' && value !== null && mark in value
}

/** Text that is no domain name (RFC 1035 §2.3.4): an empty or over-long label, a bad escape. */
export class InvalidNameError extends PortolanError {
  override readonly name = 'InvalidNameError'
  readonly code = 'core/invalid-name'
  readonly text: string
  constructor(text: string, why: string) {
    super(`${JSON.stringify(text)} is not a domain name: ${why}`)
    this.text = text
  }
}

/** A caller's option that cannot be used, said before anything is asked. */
export class InvalidOptionError extends PortolanError {
  override readonly name = 'InvalidOptionError'
  readonly code = 'core/invalid-option'
  readonly option: string
  constructor(option: string, why: string, options?: ErrorOptions) {
    super(`option ${option}: ${why}`, options)
    this.option = option
  }
}

/** Octets or text that are no rdata of their type. */
export class MalformedRecordError extends PortolanError {
  override readonly name = 'MalformedRecordError'
  readonly code = 'core/malformed-record'
  readonly mnemonic: string
  constructor(mnemonic: string, why: string) {
    super(`malformed ${mnemonic} record: ${why}`)
    this.mnemonic = mnemonic
  }
}

/** Why a question got no usable answer. `dnssec/bogus` is the only one that speaks of forgery. */
export type LookupErrorCode =
  | 'dns/timeout'
  | 'dns/network'
  | 'dns/malformed'
  | 'dns/mismatched-reply'
  | 'dns/rcode'
  | 'dns/alias-loop'
  | 'dnssec/bogus'

export interface LookupFacts extends ErrorOptions {
  readonly owner: Name
  /** The mnemonic or `TYPEn`. */
  readonly type: string
  /** `host:port` or URL of who was asked, where one was. */
  readonly server?: string | undefined
  /** Mnemonic of the response code, for `dns/rcode`. */
  readonly rcode?: string | undefined
  /** RFC 8914 Extended DNS Errors that the server sent. */
  readonly extendedErrors?: readonly { readonly code: number; readonly text: string }[] | undefined
  readonly proof?: Unproved<'bogus'> | undefined
  /** One for each attempt, where several were made. */
  readonly attempts?: readonly unknown[] | undefined
}

/** A question that got no usable answer: nobody answered it (security indeterminate), or what came is bogus. */
export class LookupError extends PortolanError {
  override readonly name = 'LookupError'
  readonly code: LookupErrorCode
  /** What came back, in words: the message without question and server. */
  readonly why: string
  readonly owner: Name
  readonly type: string
  readonly server: string | undefined
  readonly rcode: string | undefined
  readonly extendedErrors: readonly { readonly code: number; readonly text: string }[]
  readonly proof: Unproved<'bogus'> | undefined
  readonly attempts: readonly unknown[]
  constructor(code: LookupErrorCode, why: string, facts: LookupFacts) {
    const of = facts.server === undefined ? '' : ` (asked ${facts.server})`
    super(`${facts.owner} ${facts.type}: ${why}${of}`, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.why = why
    this.owner = facts.owner
    this.type = facts.type
    this.server = facts.server
    this.rcode = facts.rcode
    this.extendedErrors = facts.extendedErrors ?? []
    this.proof = facts.proof
    this.attempts = facts.attempts ?? []
  }
  /** RFC 4035 §4.3: a failure has no answer that anybody could have judged. */
  get security(): Extract<Proof['security'], 'bogus' | 'indeterminate'> {
    return this.proof === undefined ? 'indeterminate' : 'bogus'
  }
}

/** Why no plan came of a domain. */
export type DiscoveryErrorCode =
  | 'core/service-not-offered'
  | 'core/no-such-domain'
  | 'core/no-service'
  | 'core/service-lookup-failed'
  | 'core/service-bogus'
  | 'core/no-usable-candidate'

/** Discovery ended without a candidate. `cause` is the LookupError where a lookup ended it. */
export class DiscoveryError extends PortolanError {
  override readonly name = 'DiscoveryError'
  readonly code: DiscoveryErrorCode
  readonly domain: Name
  /** The SRV owner that was asked for. */
  readonly service: Name
  /** For `core/no-usable-candidate`: each target that was struck out, with the reason. */
  readonly vetoed: readonly {
    readonly host: Name
    readonly port: number
    readonly code: string
    readonly cause: unknown
  }[]
  constructor(
    code: DiscoveryErrorCode,
    message: string,
    facts: {
      readonly domain: Name
      readonly service: Name
      readonly vetoed?: DiscoveryError['vetoed']
    } & ErrorOptions,
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.domain = facts.domain
    this.service = facts.service
    this.vetoed = facts.vetoed ?? []
  }
}

/** What a plugin rejects with to strike out a candidate. Any other rejection of a plugin is a bug in it. */
export class Veto extends PortolanError {
  override readonly name = 'Veto'
  readonly code: string
  /** @param code begins with the plugin's name, as `dane/lookup-bogus` */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
