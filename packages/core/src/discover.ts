/** Discovery: from a domain to candidates in order, each given out as soon as nothing outstanding could stand before it. */
import { nextTurn } from '#turns'
import type { Lookup } from './answer.ts'
import { candidateOf, nothingUsable } from './candidate.ts'
import { InvalidOptionError } from './errors.ts'
import type { CallOptions } from './exchange.ts'
import { type Group, groupsOf } from './group.ts'
import { isVeto, type Surroundings, soonest } from './inspection.ts'
import { displayName, parseDomain } from './name.ts'
import { findOffers } from './offers.ts'
import { partsOf } from './parts.ts'
import type { Candidate, Facts, Plan, Plugin, Service, TraceEntry, VetoedTarget } from './plugin.ts'
import { SECURE_MQTT, type ServiceType } from './service.ts'
import { startTrace } from './trace.ts'

export interface DiscoverOptions<P extends readonly Plugin[]> extends CallOptions {
  readonly lookup: Lookup
  /** In the order in which their preferences are compared. Default: none. */
  readonly plugins?: P | undefined
  /** Default: `SECURE_MQTT`. */
  readonly service?: ServiceType | undefined
  /** Add the plaintext service `_mqtt._tcp`, after every candidate with TLS. Default: false. */
  readonly allowPlaintext?: boolean | undefined
  /** Accept a target's name in a certificate although an insecure SRV named it. Default: false. See `identity`. */
  readonly trustInsecureTargets?: boolean | undefined
  /** How many targets, from the one being used on, are asked about. At least 1; default 16; `discover` takes all at once. */
  readonly lookahead?: number | undefined
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Uniform in [0, 1). Default: `Math.random`. A seeded one keeps a client's draw stable. */
  readonly random?: (() => number) | undefined
  /** Told of each decision as it is taken. */
  readonly onTrace?: ((entry: TraceEntry) => void) | undefined
}

/** The options with their defaults. */
export interface DiscoverySettings {
  readonly plugins: readonly Plugin[]
  readonly service: ServiceType
  readonly allowPlaintext: boolean
  readonly trustInsecureTargets: boolean
  readonly lookahead: number
}

const DEFAULT_LOOKAHEAD = 16

/**
 * Asks for the whole plan: every candidate, in order.
 * @throws DiscoveryError, InvalidNameError, InvalidOptionError, or the signal's reason
 */
export async function discover<const P extends readonly Plugin[] = readonly []>(
  domain: string,
  options: DiscoverOptions<P>,
): Promise<Plan<Facts<P>>> {
  const steps = candidates<P>(domain, { ...options, lookahead: options.lookahead ?? Infinity })
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

/**
 * Gives candidates one by one, in order, each as soon as it is settled; returns the finished plan. What was given out
 * never moves. Stopping early aborts the questions that are still out.
 * @throws as `discover`; `core/no-usable-candidate` only after every target was struck out
 */
export async function* candidates<const P extends readonly Plugin[] = readonly []>(
  domain: string,
  options: DiscoverOptions<P>,
): AsyncGenerator<Candidate<Facts<P>>, Plan<Facts<P>>, void> {
  const settings = settingsOf(options)
  const name = parseDomain(domain)
  const { now = Date.now, random = Math.random } = options
  const trace = startTrace(now, options.onTrace)
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  signal.throwIfAborted()
  const { lookup } = options
  const surroundings: Surroundings = { lookup, signal, part: partsOf(signal), note: trace.note, now, random }
  const expiry = soonest()
  const given: Candidate<Facts<P>>[] = []
  const vetoed: VetoedTarget[] = []
  try {
    // The first of a process loads and compiles what it needs: not all of it in its caller's turn.
    await nextTurn()
    const offers = await findOffers(name, settings, surroundings, expiry.add)
    for (const { expiresAtMs } of offers) expiry.add(expiresAtMs)
    const groups = offers.flatMap((offer) => groupsOf(offer, surroundings, settings.lookahead))
    for (const [index, group] of groups.entries()) {
      prepareAhead(groups.slice(index), settings.lookahead)
      for await (const settled of group.inOrder()) {
        expiry.add(settled.expiresAtMs)
        const { target } = settled
        const note = trace.about(target.host)
        const candidate = candidateOf(settled, given.length, settings.plugins, settings.trustInsecureTargets, note)
        if (isVeto(candidate)) {
          vetoed.push({ target, code: candidate.code, cause: candidate })
          trace.note({ subject: target.host, code: 'vetoed', detail: `${candidate.code}: ${candidate.message}` })
          continue
        }
        // The facts were gathered from these very plugins, by name.
        given.push(candidate as Candidate<Facts<P>>)
        const place = `place ${given.length}, port ${target.port}`
        trace.note({
          subject: target.host,
          code: 'ranked',
          detail: `${place}: ${candidate.standing.because.join('; ')}`,
        })
        yield candidate as Candidate<Facts<P>>
      }
    }
    const { service } = offers[0] as { readonly service: Service }
    if (given.length === 0) throw nothingUsable(name, service, vetoed)
    return planOf({ service, candidates: given, vetoed, expiresAtMs: expiry.value(), trace: trace.entries })
  } finally {
    stop.abort(new DOMException(`discovery of ${displayName(name)} has ended`, 'AbortError'))
  }
}

/** Apart from the discovery, so that a plan kept for long keeps nothing of that. */
function planOf<F>(plan: Omit<Plan<F>, typeof Symbol.iterator>): Plan<F> {
  return { ...plan, [Symbol.iterator]: () => plan.candidates[Symbol.iterator]() }
}

function settingsOf(options: DiscoverOptions<readonly Plugin[]>): DiscoverySettings {
  const { plugins = [], lookahead = DEFAULT_LOOKAHEAD } = options
  if (!(lookahead >= 1)) throw new InvalidOptionError('lookahead', `${lookahead} targets; at least 1 is needed`)
  const twice = plugins.find(({ name }, i) => plugins.findIndex((other) => other.name === name) < i)
  if (twice !== undefined)
    throw new InvalidOptionError(
      'plugins',
      `two are named ${JSON.stringify(twice.name)}: their facts would overwrite each other`,
    )
  return {
    plugins,
    lookahead,
    service: options.service ?? SECURE_MQTT,
    allowPlaintext: options.allowPlaintext === true,
    trustInsecureTargets: options.trustInsecureTargets === true,
  }
}

/** Asks for the group at hand, and for those after it as far as the lookahead reaches. */
function prepareAhead(groups: readonly Group[], lookahead: number): void {
  let reach = 0
  for (const group of groups) {
    if (reach > 0 && reach + group.size > lookahead) return
    group.prepare()
    reach += group.size
  }
}
