/** What goes wrong on purpose, while the testbed runs: which RRsets and questions it concerns, and how to end it. */
import { InvalidOptionError, isAtOrBelow, type Name, parseName, type RecordType, typeText } from '@portolan/core'
import { TYPE } from './record-types.ts'
import type { Validity } from './sign.ts'

/** Which RRsets, or which questions; what is left out narrows nothing. */
export interface Selection {
  readonly owner?: string | undefined
  /** Everything at and below this name. */
  readonly below?: string | undefined
  /** `SRV`, or `octets(65280)` for a type without codec. */
  readonly type?: { readonly code: number } | undefined
}

/** Ends one fault; calling it again does nothing. */
export type Undo = () => void

export type DroppedType = 'DS' | 'NSEC' | 'DNSKEY'

export interface StripOptions extends Selection {
  /** Records that vanish beside the signatures, as behind a server that knows no DNSSEC; default none. */
  readonly alsoDrop?: readonly DroppedType[] | undefined
}

export type ResponseCode = 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED'

/** What a datagram or stream message becomes on its way out; `undefined` = nothing is sent. */
export type Tamper = (reply: Uint8Array, question: AskedQuestion) => Uint8Array | undefined

/** A question that reached the server. */
export interface AskedQuestion {
  readonly name: Name
  readonly type: string
  readonly transport: 'udp' | 'tcp'
  /** DO (RFC 3225). */
  readonly dnssecOk: boolean
  /** CD (RFC 4035 §3.2.2). */
  readonly checkingDisabled: boolean
}

type Concerns = (owner: Name, type: number) => boolean

interface Fault {
  readonly concerns: Concerns
  readonly forge?: ((rdata: Uint8Array) => Uint8Array) | undefined
  readonly strip?: { readonly alsoDrop: readonly DroppedType[] } | undefined
  readonly validity?: (() => Validity) | undefined
  readonly reply?: 'none' | number | undefined
  readonly tamper?: Tamper | undefined
}

const RCODES: Readonly<Record<ResponseCode, number>> = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 }
const DAY_SECONDS = 86_400

/** The faults in force. Each method adds one and returns how to end it. */
export class Faults {
  readonly #active = new Set<Fault>()
  readonly #nowSeconds: () => number

  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds
  }

  forge<T>(owner: string, type: RecordType<T>, change: (value: T) => T): Undo {
    const concerns = selected({ owner, type })
    return this.#add({ concerns, forge: (rdata) => type.encode(change(type.decode(rdata))) })
  }

  strip({ alsoDrop = [], ...selection }: StripOptions): Undo {
    return this.#add({ concerns: selected(selection), strip: { alsoDrop } })
  }

  expire(selection: Selection, agoSeconds: number): Undo {
    const validity = () => {
      const expirationSeconds = this.#nowSeconds() - agoSeconds
      return { inceptionSeconds: expirationSeconds - DAY_SECONDS, expirationSeconds }
    }
    return this.#add({ concerns: selected(selection), validity })
  }

  postdate(selection: Selection, inSeconds: number): Undo {
    const validity = () => {
      const inceptionSeconds = this.#nowSeconds() + inSeconds
      return { inceptionSeconds, expirationSeconds: inceptionSeconds + DAY_SECONDS }
    }
    return this.#add({ concerns: selected(selection), validity })
  }

  silence(selection: Selection): Undo {
    return this.#add({ concerns: selected(selection), reply: 'none' })
  }

  fail(rcode: ResponseCode, selection: Selection): Undo {
    return this.#add({ concerns: selected(selection), reply: RCODES[rcode] })
  }

  tamper(change: Tamper, selection: Selection): Undo {
    return this.#add({ concerns: selected(selection), tamper: change })
  }

  /** Ends the silences alone. */
  answer(): void {
    for (const fault of this.#active) if (fault.reply === 'none') this.#active.delete(fault)
  }

  heal(): void {
    this.#active.clear()
  }

  forged(owner: Name, type: number, rdata: Uint8Array): Uint8Array {
    return this.#of(owner, type).reduce((octets, { forge }) => forge?.(octets) ?? octets, rdata)
  }

  strips(owner: Name, type: number): boolean {
    return this.#of(owner, type).some(({ strip }) => strip !== undefined)
  }

  /** Whether the RRset itself vanishes; a selection's type speaks of signatures only. */
  drops(owner: Name, type: number): boolean {
    const mnemonic = typeText(type)
    return [...this.#active].some(
      ({ strip, concerns }) => strip?.alsoDrop.some((dropped) => dropped === mnemonic) && concerns(owner, TYPE.ANY),
    )
  }

  validity(owner: Name, type: number): Validity | undefined {
    return this.#of(owner, type)
      .find(({ validity }) => validity !== undefined)
      ?.validity?.()
  }

  /** `none`, or the response code to send instead of an answer. */
  replyTo(name: Name, type: number): 'none' | number | undefined {
    const replies = this.#of(name, type).map(({ reply }) => reply)
    return replies.includes('none') ? 'none' : replies.find((reply) => reply !== undefined)
  }

  tampered(reply: Uint8Array, name: Name, type: number, question: AskedQuestion): Uint8Array | undefined {
    return this.#of(name, type).reduce<Uint8Array | undefined>(
      (octets, { tamper }) => (octets !== undefined && tamper !== undefined ? tamper(octets, question) : octets),
      reply,
    )
  }

  #of(owner: Name, type: number): readonly Fault[] {
    return [...this.#active].filter(({ concerns }) => concerns(owner, type))
  }

  #add(fault: Fault): Undo {
    this.#active.add(fault)
    return () => {
      this.#active.delete(fault)
    }
  }
}

/** @throws InvalidOptionError for an owner and a `below` at once; InvalidNameError for what is no name */
function selected({ owner, below, type }: Selection): Concerns {
  if (owner !== undefined && below !== undefined) throw new InvalidOptionError('below', 'owner names one name already')
  const exactly = owner === undefined ? undefined : parseName(owner)
  const ancestor = below === undefined ? undefined : parseName(below)
  return (name, code) =>
    (exactly === undefined || name === exactly) &&
    (ancestor === undefined || isAtOrBelow(name, ancestor)) &&
    (type === undefined || type.code === code || code === TYPE.ANY)
}
