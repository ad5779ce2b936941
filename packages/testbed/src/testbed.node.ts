/** Starts a testbed: a signed DNS tree behind one loopback resolver, and TLS MQTT brokers when they are asked for. */
import { type CallOptions, InvalidOptionError, type Name, parseName, type RecordType, ROOT } from '@portolan/core'
import type { Broker, BrokerOptions } from './broker.node.ts'
import { makeBrokers } from './brokers.node.ts'
import type { Authority } from './certificates.node.ts'
import { TestbedError } from './errors.ts'
import {
  type AskedQuestion,
  Faults,
  type ResponseCode,
  type Selection,
  type StripOptions,
  type Tamper,
  type Undo,
} from './faults.ts'
import type { Algorithm } from './keys.node.ts'
import { TYPE } from './record-types.ts'
import { respond } from './respond.ts'
import { listen } from './server.node.ts'
import { dsLines, makeTree, type ZoneOptions } from './tree.node.ts'
import { type Zone, zoneHandle } from './zone.ts'

export interface TestbedOptions extends CallOptions {
  /** Milliseconds since 1970; default `Date.now`. Signatures and certificates are made for this clock. */
  readonly now?: (() => number) | undefined
  /** Zones beside `.`, `test.`, `fleet.test.`, `partner.test.` and the unsigned `plain.test.`; or one of these, otherwise signed. */
  readonly zones?: readonly ZoneOptions[] | undefined
  /** Of every zone that names none; default 13 (ECDSA P-256). 8 (RSA) takes about a second to make keys. */
  readonly algorithm?: Algorithm | undefined
  /** How long a signature holds; default 14 days, min 60 s, max 10 years. Renewed when three quarters of it are over. */
  readonly signatureLifetimeSeconds?: number | undefined
  /** Loopback address of the resolver; default 127.0.0.1. */
  readonly host?: string | undefined
  /** For UDP and TCP; default 0, any free one. */
  readonly port?: number | undefined
}

export interface Testbed {
  /** Ask here, over UDP or TCP. It answers for the whole tree, as a recursive server does, and validates nothing. */
  readonly resolver: { readonly host: string; readonly port: number }
  /** DS lines of the root's key. */
  readonly trustAnchors: readonly string[]
  /** The questions that reached the server, oldest first (the last 10,000). */
  readonly questions: readonly AskedQuestion[]
  /** @throws TestbedError `testbed/no-such-zone` */
  zone(apex: string): Zone
  /** Answers with altered rdata under the signature of what the zone really holds. */
  forge<T>(owner: string, type: RecordType<T>, change: (value: T) => T): Undo
  /** Answers without RRSIG records where the RRset is selected; default all. */
  strip(options?: StripOptions): Undo
  /** Answers with signatures that ended so long ago; default a week, which passes every validator's tolerance of clocks. */
  expire(selection?: Selection, agoSeconds?: number): Undo
  /** Answers with signatures that begin only then; default in a week. */
  postdate(selection?: Selection, inSeconds?: number): Undo
  /** Does not answer the selected questions; default none at all. */
  silence(selection?: Selection): Undo
  /** Ends all silences. */
  answer(): void
  /** Answers the selected questions with this response code alone. */
  fail(rcode: ResponseCode, selection?: Selection): Undo
  /** `fail('SERVFAIL')`. */
  servfail(selection?: Selection): Undo
  /** Changes or drops the octets of replies to the selected questions, last of all: another id, garbage, half a message. */
  tamper(change: Tamper, selection?: Selection): Undo
  /**
   * Starts a TLS MQTT broker and publishes it.
   * @throws TestbedError `testbed/listen`, `testbed/closed`; InvalidNameError; MalformedRecordError for a position that is none
   */
  broker(options: BrokerOptions): Promise<Broker>
  /** Who issues the brokers' certificates; made when first asked for. */
  authority(): Promise<Authority>
  /** Ends every fault of the resolver; brokers have a `heal` of their own. */
  heal(): void
  /** Closes every socket, connection and timer; calling it again waits for the same end. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const MAX_QUESTIONS = 10_000
const WEEK_SECONDS = 7 * 24 * 3600
const DEFAULT_LIFETIME_SECONDS = 2 * WEEK_SECONDS

/**
 * Starts the resolver; brokers are added with `broker`.
 * @throws TestbedError `testbed/listen`; InvalidOptionError, InvalidNameError; the reason of an aborted signal
 */
export async function startTestbed(options: TestbedOptions = {}): Promise<Testbed> {
  const { now = Date.now, zones = [], algorithm = 13, host = '127.0.0.1', port = 0, signal } = options
  signal?.throwIfAborted()
  const nowSeconds = () => Math.floor(now() / 1000)
  const lifetimeSeconds = checkedLifetime(options.signatureLifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS)
  const tree = await makeTree(zones, algorithm, host, { nowSeconds, lifetimeSeconds })
  const faults = new Faults(nowSeconds)
  const questions: AskedQuestion[] = []
  const asked = (question: AskedQuestion) => {
    if (questions.push(question) > MAX_QUESTIONS) questions.shift()
  }
  const server = await listen(host, port, (octets, transport) => respond(octets, transport, { tree, faults, asked }))
  const handles = new Map<Name, Zone>()
  for (const [apex, zone] of tree.zones) {
    handles.set(
      apex,
      zoneHandle(zone, dsLines(zone), (name) => name !== apex && tree.zones.has(name)),
    )
  }
  const zoneIn = (name: Name) => handles.get(tree.zoneOf(name, TYPE.A).data.apex) as Zone
  const brokers = makeBrokers(zoneIn, now)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= Promise.all([server.close(), brokers.close()]).then(() => {})
    return closing
  }
  return {
    resolver: { host, port: server.port },
    trustAnchors: handles.get(ROOT)?.ds ?? [],
    questions,
    zone(apex) {
      const zone = handles.get(parseName(apex))
      if (zone !== undefined) return zone
      throw new TestbedError('testbed/no-such-zone', `${apex} is none of ${[...handles.keys()].join(' ')}`)
    },
    forge: (owner, type, change) => faults.forge(owner, type, change),
    strip: (selection = {}) => faults.strip(selection),
    expire: (selection = {}, agoSeconds = WEEK_SECONDS) => faults.expire(selection, agoSeconds),
    postdate: (selection = {}, inSeconds = WEEK_SECONDS) => faults.postdate(selection, inSeconds),
    silence: (selection = {}) => faults.silence(selection),
    answer: () => faults.answer(),
    fail: (rcode, selection = {}) => faults.fail(rcode, selection),
    servfail: (selection = {}) => faults.fail('SERVFAIL', selection),
    tamper: (change, selection = {}) => faults.tamper(change, selection),
    async broker(wanted) {
      if (closing !== undefined) throw new TestbedError('testbed/closed', 'the testbed is closed')
      return brokers.start(wanted)
    },
    authority: () => brokers.authority(),
    heal: () => faults.heal(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const MIN_LIFETIME_SECONDS = 60
const MAX_LIFETIME_SECONDS = 10 * 365 * 24 * 3600

function checkedLifetime(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= MIN_LIFETIME_SECONDS && seconds <= MAX_LIFETIME_SECONDS) return seconds
  const range = `between ${MIN_LIFETIME_SECONDS} and ${MAX_LIFETIME_SECONDS}`
  throw new InvalidOptionError('signatureLifetimeSeconds', `${seconds} is no whole number ${range}`)
}
