/** One SRV priority: asked about, put in order as a whole, then given out one by one as each is settled. */
import { nextTurn } from '#turns'
import type { Veto } from './errors.ts'
import {
  type Inspection,
  inspectionOf,
  isVeto,
  type Outcome,
  type PluginAtService,
  preferenceOf,
  type Surroundings,
} from './inspection.ts'
import type { InspectedOffer } from './offers.ts'
import type { Preference, Target, TargetAddresses } from './plugin.ts'
import { ordered } from './select.ts'

/** A target of which everything is known, and why it stands where it stands. */
export interface Settled {
  readonly target: Target
  readonly addresses: TargetAddresses | Veto
  /** By plugin name. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly tier: number
  readonly because: readonly string[]
  readonly expiresAtMs: number
}

export interface Group {
  readonly size: number
  /** Asks what its order needs, and everything where the group is no larger than the lookahead. */
  prepare(): void
  inOrder(): AsyncGenerator<Settled, void, void>
}

interface Placed {
  readonly target: Target
  readonly preferences: readonly (readonly [plugin: string, Preference])[]
  readonly tiers: readonly number[]
  /** Equal for equal tiers. */
  readonly tierKey: string
  /** Of SRV times what the plugins make of it. */
  readonly weight: number
}

/** Ascending priority. */
export function groupsOf(offer: InspectedOffer, surroundings: Surroundings, lookahead: number): readonly Group[] {
  const byPriority = new Map<number, Target[]>()
  for (const target of offer.targets) {
    const members = byPriority.get(target.priority)
    if (members === undefined) byPriority.set(target.priority, [target])
    else members.push(target)
  }
  return [...byPriority]
    .sort(([a], [b]) => a - b)
    .map(([, targets]) => groupOf(targets, offer, surroundings, lookahead))
}

function groupOf(
  targets: readonly Target[],
  { plugins }: InspectedOffer,
  surroundings: Surroundings,
  lookahead: number,
): Group {
  const inspections = new Map<Target, Inspection>()
  const inspected = (target: Target) => {
    const known = inspections.get(target)
    if (known !== undefined) return known
    const fresh = inspectionOf(target, surroundings)
    inspections.set(target, fresh)
    return fresh
  }
  const deciding = plugins.filter(({ plugin }) => plugin.prefer !== undefined)
  const ask = (inspection: Inspection, which: readonly PluginAtService[]) => which.map((one) => inspection.outcome(one))
  const askAll = (inspection: Inspection) => [...ask(inspection, plugins), inspection.addresses()]
  const place = async (target: Target): Promise<Placed> => {
    const preferences: [string, Preference][] = []
    const tiers: number[] = []
    let { weight } = target
    for (const one of deciding) {
      const preference = preferenceOf(one, await inspected(target).outcome(one), target) ?? STRUCK_OUT
      preferences.push([one.plugin.name, preference])
      tiers.push(preference.tier)
      weight *= preference.weightFactor
    }
    return { target, preferences, tiers, tierKey: tiers.join(), weight }
  }
  const allPlaced = async () => {
    const all: Placed[] = []
    for (const target of targets) {
      if (all.length > 0 && all.length % PLACES_PER_TURN === 0) await nextTurn()
      all.push(await place(target))
    }
    return all
  }
  /** Everything is asked before the order is known. */
  const isWhole = targets.length <= lookahead
  let prepared: Promise<void> | undefined
  const prepare = () => {
    const questions = isWhole ? plugins.length + ADDRESS_QUESTIONS : deciding.length
    if (questions === 0) return Promise.resolve()
    prepared ??= inTurns(targets, Math.ceil(QUESTIONS_AT_A_TIME / questions), surroundings.signal, (target) => {
      const inspection = inspected(target)
      return isWhole ? askAll(inspection) : ask(inspection, deciding)
    })
    return prepared
  }
  return {
    size: targets.length,
    prepare: () => void prepare(),
    async *inOrder() {
      await prepare()
      const group = weighed(await allPlaced())
      const reasonOf = reasonsOf(group)
      const order = ordered(group, surroundings.random)
      /** In order; more than the next one only where those are to be asked about before it is their turn. */
      const drawn: Placed[] = []
      for (let given = 0; ; given++) {
        if (given > 0 && given % PLACES_PER_TURN === 0) await nextTurn()
        while (drawn.length < (isWhole ? 1 : lookahead)) {
          const next = order.next()
          if (next.done) break
          drawn.push(next.value)
          if (!isWhole) askAll(inspected(next.value.target))
        }
        const placed = drawn.shift()
        if (placed === undefined) return
        const inspection = inspected(placed.target)
        const outcomes = new Map<string, Outcome>()
        for (const one of plugins) outcomes.set(one.plugin.name, await inspection.outcome(one))
        const addresses = await inspection.addresses().catch((error: unknown) => {
          if (isVeto(error)) return error
          throw error
        })
        yield {
          target: placed.target,
          addresses,
          outcomes,
          tier: placed.tiers[0] ?? 0,
          because: reasonOf(placed),
          expiresAtMs: inspection.expiresAtMs(),
        }
      }
    },
  }
}

/** More would wait for the processor, and all that they hold would weigh on each garbage collection. */
const QUESTIONS_AT_A_TIME = 192
/** A and AAAA. */
const ADDRESS_QUESTIONS = 2
/** A target that takes longer, in milliseconds, waits for others: it no longer keeps the next one from its turn. */
const PATIENCE_MS = 250

/** A target costs up to a millisecond in a process that has just begun, and a service may have a thousand. */
const TARGETS_PER_TURN = 2
/** To find the place of one costs less. */
const PLACES_PER_TURN = 32

/** Begins with each, so many at a time, and holds the event loop for none of it. */
async function inTurns<T>(
  items: readonly T[],
  width: number,
  signal: AbortSignal,
  begin: (item: T) => readonly Promise<unknown>[],
): Promise<void> {
  let free = width
  let onFree = () => {}
  const giveBack = () => {
    free++
    onFree()
  }
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % TARGETS_PER_TURN === 0) await nextTurn()
    if (free === 0) {
      await new Promise<void>((resolve) => {
        onFree = resolve
      })
    }
    if (signal.aborted) return
    free--
    onSettled(begin(item), PATIENCE_MS, giveBack)
  }
}

/** Calls back once: when all have settled, or after a while without the rest. */
function onSettled(promises: readonly Promise<unknown>[], patienceMs: number, onEnd: () => void): void {
  let left = promises.length
  const end = () => {
    left = Infinity
    clearTimeout(timer)
    onEnd()
  }
  const oneLess = () => {
    if (--left === 0) end()
  }
  const timer = setTimeout(end, patienceMs)
  for (const promise of promises) promise.then(oneLess, oneLess)
}

/** A target that a deciding plugin struck out: last, so that the draw among the others is theirs. */
const STRUCK_OUT: Preference = { tier: Number.MAX_VALUE, weightFactor: 1, because: '' }

/**
 * Weights as whole numbers again, because the draw of RFC 2782 is one of whole numbers. A factor never makes 0 of a positive
 * weight, which the draw treats differently.
 */
function weighed(group: readonly Placed[]): readonly Placed[] {
  const scale = group.every(({ weight }) => Number.isInteger(weight)) ? 1 : FRACTION_SCALE
  return group.map(({ target, preferences, tiers, tierKey, weight }) => {
    const scaled = weight === 0 ? 0 : Math.max(1, Math.round(weight * scale))
    return { target, preferences, tiers, tierKey, weight: scaled }
  })
}

/** Thousandths of a weight are told apart. */
const FRACTION_SCALE = 1000

/** Why each stands where it stands (priority, what plugins preferred, the draw), told one after the other in their order. */
function reasonsOf(group: readonly Placed[]): (placed: Placed) => readonly string[] {
  const tiers = new Map<string, { sum: number; count: number; drawn: number }>()
  for (const { tierKey, weight } of group) {
    const tier = tiers.get(tierKey) ?? { sum: 0, count: 0, drawn: 0 }
    tier.sum += weight
    tier.count++
    tiers.set(tierKey, tier)
  }
  return ({ target, preferences, tierKey, weight }) => {
    const tier = tiers.get(tierKey)
    const alone = tier === undefined || tier.count === 1
    if (tier !== undefined) tier.drawn++
    const draw = alone ? [] : [`weight ${weight} of ${tier.sum}, drawn ${tier.drawn} of ${tier.count}`]
    const preferred = preferences.filter(([, { because }]) => because !== '')
    return [`priority ${target.priority}`, ...preferred.map(([name, { because }]) => `${name}: ${because}`), ...draw]
  }
}
