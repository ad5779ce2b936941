/** What is learnt about one target: its addresses and each plugin's fact, asked for once and only when somebody wants them. */
import { findAddresses } from './addresses.ts'
import type { Answer, Lookup } from './answer.ts'
import { isPortolanError, type Veto } from './errors.ts'
import type { Part } from './parts.ts'
import type { Plugin, Preference, Target, TargetAddresses, TargetInspection } from './plugin.ts'
import type { Note } from './trace.ts'

export interface Surroundings {
  readonly lookup: Lookup
  readonly note: Note
  /** Of the whole discovery. */
  readonly signal: AbortSignal
  /** Begins one part of it. */
  part(): Part
  now(): number
  random(): number
}

/** A plugin with what it learns about the service. */
export interface PluginAtService {
  readonly plugin: Plugin
  readonly serviceFact: Promise<unknown>
}

/** A fact, or why the target is struck out. */
export type Outcome = { readonly fact: unknown } | { readonly veto: Veto }

export interface Inspection {
  readonly target: Target
  /** Asks each question at most once. */
  addresses(): Promise<TargetAddresses>
  /** Rejects only with the caller's abort reason, or with a plugin's bug. */
  outcome(plugin: PluginAtService): Promise<Outcome>
  /** The end of whatever has been answered so far. */
  expiresAtMs(): number
}

export function inspectionOf(target: Target, surroundings: Surroundings): Inspection {
  return new TargetQuestions(target, surroundings)
}

/** A class, because a service may have a thousand targets: closures would be more for each garbage collection to copy. */
class TargetQuestions implements Inspection {
  readonly target: Target
  readonly #surroundings: Surroundings
  readonly #outcomes = new Map<Plugin, Promise<Outcome>>()
  #addresses: Promise<TargetAddresses> | undefined
  #expiresAtMs = Infinity
  /** Only while something is asked: its signal weighs as much as the answers. */
  #part: Part | undefined
  #asking = 0

  constructor(target: Target, surroundings: Surroundings) {
    this.target = target
    this.#surroundings = surroundings
  }

  addresses(): Promise<TargetAddresses> {
    const { lookup, note } = this.#surroundings
    this.#addresses ??= this.#ask((signal) => {
      return findAddresses(this.target, withExpiry(lookup, this.#expireAt), signal, note)
    })
    return this.#addresses
  }

  outcome({ plugin, serviceFact }: PluginAtService): Promise<Outcome> {
    const known = this.#outcomes.get(plugin)
    if (known !== undefined) return known
    const { lookup, note, now, random } = this.#surroundings
    const asked = this.#ask((signal) => {
      const inspected: TargetInspection = { addresses: () => this.addresses(), ...this.target }
      const context = { lookup: watchedLookup(lookup, this.#expireAt, note), signal, now, random }
      return plugin.inspect(inspected, serviceFact, context).then(asFact, asVeto)
    })
    this.#outcomes.set(plugin, asked)
    return asked
  }

  expiresAtMs(): number {
    return this.#expiresAtMs
  }

  /** Begun before anybody waits for it, so its rejection counts as handled. */
  #ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#part ??= this.#surroundings.part()
    this.#asking++
    const asked = question(this.#part.signal)
    asked.then(this.#onAnswer, this.#onAnswer)
    return asked
  }

  readonly #onAnswer = () => {
    if (--this.#asking > 0) return
    this.#part?.end()
    this.#part = undefined
  }

  readonly #expireAt = (atMs: number) => {
    this.#expiresAtMs = Math.min(this.#expiresAtMs, atMs)
  }
}

/** A plugin's preference for an outcome; a struck-out target prefers nothing. */
export function preferenceOf({ plugin }: PluginAtService, outcome: Outcome, target: Target): Preference | undefined {
  return 'fact' in outcome ? plugin.prefer?.(outcome.fact, target) : undefined
}

function asFact(fact: unknown): Outcome {
  return { fact }
}

function asVeto(error: unknown): Outcome {
  if (isVeto(error)) return { veto: error }
  throw error
}

/** By name, because a plugin may have loaded a copy of its own of this package. */
export function isVeto(error: unknown): error is Veto {
  return isPortolanError(error) && error.name === 'Veto'
}

/** Started before anybody waits for it, so its rejection must not count as unhandled meanwhile. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** The earliest of the times it was given. */
export function soonest(): { readonly add: (atMs: number) => void; readonly value: () => number } {
  let earliest = Infinity
  return {
    add: (atMs: number) => {
      earliest = Math.min(earliest, atMs)
    },
    value: () => earliest,
  }
}

function withExpiry(lookup: Lookup, add: (atMs: number) => void): Lookup {
  return (name, type, options) => {
    return lookup(name, type, options).then((answer) => {
      add(answer.expiresAtMs)
      return answer
    })
  }
}

/** Writes down what plugins ask and are told, and until when it holds: whatever rests on it ends with it. */
export function watchedLookup(lookup: Lookup, add: (atMs: number) => void, note: Note): Lookup {
  return (name, type, options) => {
    const { mnemonic } = type
    return lookup(name, type, options).then(
      (answer) => {
        add(answer.expiresAtMs)
        note({ subject: name, type: mnemonic, code: 'lookup-answered', proof: answer.proof, detail: whatCame(answer) })
        return answer
      },
      (error: unknown) => {
        if (isPortolanError(error)) {
          note({ subject: name, type: mnemonic, code: 'lookup-failed', detail: `${error.code}: ${error.message}` })
        }
        throw error
      },
    )
  }
}

function whatCame({ records, absence }: Answer<unknown>): string {
  if (records.length === 0) return `none (${absence ?? 'nodata'})`
  return `${records.length} ${records.length === 1 ? 'record' : 'records'}`
}
