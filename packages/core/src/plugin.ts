/** What a plugin is, and what core hands it. Plugins learn, prefer and judge; core alone orders. */
import type { Answer, Lookup } from './answer.ts'
import type { CallOptions } from './exchange.ts'
import type { Identity, TlsaState } from './identity.ts'
import type { Name } from './name.ts'
import type { Proof, Usable } from './proof.ts'

/** A way in to a target: one A or AAAA record. */
export interface Address {
  readonly family: 4 | 6
  readonly address: string
  readonly proof: Usable
}

/** The service that was asked for. */
export interface Service {
  readonly domain: Name
  /** The SRV owner: `_secure-mqtt._tcp.fleet.example.` */
  readonly name: Name
  readonly transport: 'tcp' | 'udp'
  /** Whether TLS is spoken there, by its registered name: `secure-mqtt` is, `mqtt` is not. */
  readonly tls: boolean
  /** Of the SRV RRset, or of its absence where `fallback`. */
  readonly proof: Usable
  /** No SRV there: the domain itself on the default port. */
  readonly fallback: boolean
}

/** One SRV record. */
export interface Target {
  readonly service: Service
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly host: Name
}

/** All addresses of a target, from both families, with the alias hops that led to them. */
export interface TargetAddresses {
  readonly canonicalName: Name
  readonly aliases: Answer<string>['aliases']
  readonly addresses: readonly Address[]
  /** Of the family that is secure, where one is: RFC 7673 §3.2 asks for no more. Each address has its own beside this. */
  readonly proof: Usable
  readonly expiresAtMs: number
}

/** What `inspect` gets. */
export interface TargetInspection extends Target {
  /**
   * Asks for A and AAAA (once, however many plugins call it). Rejects with a Veto where the target has no address or a
   * lookup failed in a way that could hide something; a plugin may let that Veto pass through.
   */
  addresses(): Promise<TargetAddresses>
}

export interface PluginContext extends CallOptions {
  readonly lookup: Lookup
  now(): number
  random(): number
}

/** Where a candidate stands inside its SRV priority. */
export interface Preference {
  /** Lower is better; `Infinity` is last. */
  readonly tier: number
  /** Multiplies the SRV weight in the draw inside a tier; 1 changes nothing. */
  readonly weightFactor: number
  /** For the trace: `432 km, band 2`. */
  readonly because: string
}

/** What DNS says about proving the TLS peer; from a plugin that knows TLSA. Core makes names of it (`identity`). */
export interface PeerAuthentication {
  readonly tlsa: TlsaState
  /** Where usable TLSA were found (RFC 7671 §7): the target, or the end of its secure alias chain. */
  readonly tlsaBase?: Name | undefined
  readonly mode: 'required' | 'opportunistic' | 'report'
}

export type PeerVerdict =
  | { readonly decision: 'accept' | 'defer-to-pkix'; readonly matchDepth: number | null; readonly detail: string }
  | { readonly decision: 'refuse'; readonly code: string; readonly detail: string }

/** What a TLS server showed. */
export interface TlsPeer {
  /** DER, leaf first, as sent. */
  readonly chainAsSent: readonly Uint8Array[]
  readonly resumed: boolean
  readonly serverName: string | undefined
}

/** A plugin. Facts are keyed by its literal `name`, so make it with `definePlugin` or a factory of exact type. */
export interface Plugin<Id extends string = string, Fact = unknown, ServiceFact = unknown> {
  readonly name: Id
  /** Learns about the service, beside the SRV question. Its rejection reaches `inspect` through `serviceFact`. */
  inspectService?(service: { readonly domain: Name; readonly name: Name }, context: PluginContext): Promise<ServiceFact>
  /**
   * Learns about one target. Rejects with a Veto (strikes the target out), with the caller's abort reason, or not at all.
   * A plugin with `prefer` is asked about every target of a priority group before its first candidate is given out, so it
   * should not wait for addresses.
   */
  inspect(
    target: TargetInspection,
    serviceFact: Promise<ServiceFact | undefined>,
    context: PluginContext,
  ): Promise<Fact>
  /** Pure, of one candidate. */
  prefer?(fact: Fact, target: Target): Preference
  /** What the fact says about proving the TLS peer. */
  authentication?(fact: Fact): PeerAuthentication
  /** Synchronous: a verdict one turn of the event loop late has already sent a client certificate (docs/limits.md). */
  checkPeer?(peer: TlsPeer, candidate: Candidate, fact: Fact): PeerVerdict
  /**
   * After a refusal by `checkPeer`: asks past all caches what the fact was learnt from, because a change seen half way looks
   * like a forgery. Returns the same fact where nothing changed; another one is judged once more, on a new connection.
   * Rejects with a Veto, or with the caller's abort reason.
   */
  recheck?(fact: Fact, context: Pick<PluginContext, 'lookup' | 'signal' | 'random'>): Promise<Fact>
}

/** What each plugin learnt, by its name; a plugin that was not given is not there. */
export type Facts<P extends readonly Plugin[]> = {
  // biome-ignore lint/suspicious/noExplicitAny: infers Fact wherever it stands, in parameters too
  readonly [Q in P[number] as Q['name']]: Q extends Plugin<string, infer Fact, any> ? Fact : never
}

/** A target with its addresses and what each plugin learnt about it. */
export interface Candidate<F = unknown> {
  readonly target: Target
  readonly canonicalName: Name
  /** In the order in which they came; connecting sorts them (RFC 8305). */
  readonly addresses: readonly Address[]
  readonly facts: F
  /** Names to send and to accept, computed once. */
  readonly identity: Identity
  readonly standing: {
    /** From 0, over the whole plan. */
    readonly rank: number
    readonly tier: number
    readonly because: readonly string[]
  }
  readonly expiresAtMs: number
  /**
   * Writes what became of it into the trace of its plan, which goes on after the plan was given out: whoever connects tells
   * which peer was accepted or refused, by whom and why.
   */
  readonly note: (entry: Pick<TraceEntry, 'code' | 'detail'>) => void
}

/** One decision. */
export interface TraceEntry {
  readonly atMs: number
  readonly subject: Name
  readonly type?: string | undefined
  /** Stable: `srv-answered`, `alias-followed`, `ranked`, `vetoed`, `peer-accepted`, `peer-refused`. */
  readonly code: string
  readonly proof?: Proof | undefined
  readonly detail: string
}

export interface VetoedTarget {
  readonly target: Target
  readonly code: string
  readonly cause: unknown
}

/** The ordered candidates, when they expire, the proof of the answer, and the trace of every decision. */
export interface Plan<F = unknown> extends Iterable<Candidate<F>> {
  readonly service: Service
  readonly candidates: readonly Candidate<F>[]
  readonly vetoed: readonly VetoedTarget[]
  /** The first end among the TTLs and proofs that it rests on. */
  readonly expiresAtMs: number
  /** Grows while somebody connects to its candidates. */
  readonly trace: readonly TraceEntry[]
}
