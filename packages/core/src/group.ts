/** One SRV priority: asked about, put in order as a whole, then given out one by one as each is settled. */
import { nextTurn } from '#turns'
import type { Veto } from './errors.ts'
import { type Inspection, inspectionOf, isVeto, type Outcome, preferenceOf, type Surroundings } from './inspection.ts'
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
  readonly inspection: Inspection
  readonly preferences: readonly (readonly [plugin: string, Preference])[]
  readonly tiers: readonly number[]
  /** Equal for equal tiers. */
  readonly tierKey: string
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
  const inspections = targets.map((target) => inspectionOf(target, surroundings))
  const deciding = plugins.filter(({ plugin }) => plugin.prefer !== undefined)
  const ask = (inspection: Inspection, which = plugins) => {
    return Promise.allSettled(which.map((one) => inspection.outcome(one)))
  }
  const askAll = (inspection: Inspection) => Promise.allSettled([ask(inspection), inspection.addresses()])
  const place = async (inspection: Inspection): Promise<Omit<Placed, 'weight'>> => {
    const preferences: [string, Preference][] = []
    for (const one of deciding) {
      const preference = preferenceOf(one, await inspection.outcome(one), inspection.target)
      preferences.push([one.plugin.name, preference ?? STRUCK_OUT])
    }
    const tiers = preferences.map(([, { tier }]) => tier)
    return { inspection, preferences, tiers, tierKey: tiers.join() }
  }
  const allPlaced = async () => {
    const all: Omit<Placed, 'weight'>[] = []
    for (const [index, inspection] of inspections.entries()) {
      if (index > 0 && index % PLACES_PER_TURN === 0) await nextTurn()
      all.push(await place(inspection))
    }
    return all
  }
  /** Everything is asked before the order is known. */
  const isWhole = targets.length <= lookahead
  let prepared: Promise<void> | undefined
  const prepare = () => {
    const questions = isWhole ? plugins.length + ADDRESS_QUESTIONS : deciding.length
    if (questions === 0) return Promise.resolve()
    prepared ??= inTurns(inspections, Math.ceil(QUESTIONS_AT_A_TIME / questions), surroundings.signal, (inspection) => {
      return isWhole ? askAll(inspection) : ask(inspection, deciding)
    })
    return prepared
  }
  return {
    size: targets.length,
    prepare: () => void prepare(),
    async *inOrder() {
      await prepare()
      const order = ordered(weighed(await allPlaced()), surroundings.random)
      const reasonOf = reasonsOf(order)
      const following = order.values()
      let asked = isWhole ? order.length : 0
      for (const [index, placed] of order.entries()) {
        if (index > 0 && index % PLACES_PER_TURN === 0) await nextTurn()
        const { inspection, tiers } = placed
        for (; asked < Math.min(order.length, index + lookahead); asked++) {
          const next = following.next()
          if (!next.done) void askAll(next.value.inspection)
        }
        const outcomes = new Map<string, Outcome>()
        for (const one of plugins) outcomes.set(one.plugin.name, await inspection.outcome(one))
        const addresses = await inspection.addresses().catch((error: unknown) => {
          if (isVeto(error)) return error
          throw error
        })
        inspection.end()
        yield {
          target: inspection.target,
          addresses,
          outcomes,
          tier: tiers[0] ?? 0,
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
  begin: (item: T) => Promise<unknown>,
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
    void within(PATIENCE_MS, begin(item)).then(giveBack)
  }
}

/** Resolves with the work, which never rejects, or after a while without it. */
async function within(patienceMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}

/** A target that a deciding plugin struck out: last, so that the draw among the others is theirs. */
const STRUCK_OUT: Preference = { tier: Number.MAX_VALUE, weightFactor: 1, because: '' }

/**
 * SRV weights times the plugins' factors, whole numbers again because the draw of RFC 2782 is one of whole numbers. A factor
 * never makes 0 of a positive weight, which the draw treats differently.
 */
function weighed(group: readonly Omit<Placed, 'weight'>[]): readonly Placed[] {
  const products = group.map(({ inspection, preferences }) =>
    preferences.reduce((product, [, { weightFactor }]) => product * weightFactor, inspection.target.weight),
  )
  const scale = products.every(Number.isInteger) ? 1 : FRACTION_SCALE
  return group.map((placed, i) => {
    const product = products[i] ?? 0
    return { ...placed, weight: product === 0 ? 0 : Math.max(1, Math.round(product * scale)) }
  })
}

/** Thousandths of a weight are told apart. */
const FRACTION_SCALE = 1000

/** Why each stands where it stands (priority, what plugins preferred, the draw), told one after the other in this order. */
function reasonsOf(order: readonly Placed[]): (placed: Placed) => readonly string[] {
  const tiers = new Map<string, { sum: number; count: number; drawn: number }>()
  for (const { tierKey, weight } of order) {
    const tier = tiers.get(tierKey) ?? { sum: 0, count: 0, drawn: 0 }
    tier.sum += weight
    tier.count++
    tiers.set(tierKey, tier)
  }
  return ({ inspection, preferences, tierKey, weight }) => {
    const tier = tiers.get(tierKey)
    const alone = tier === undefined || tier.count === 1
    if (tier !== undefined) tier.drawn++
    const draw = alone ? [] : [`weight ${weight} of ${tier.sum}, drawn ${tier.drawn} of ${tier.count}`]
    const preferred = preferences.filter(([, { because }]) => because !== '')
    return [
      `priority ${inspection.target.priority}`,
      ...preferred.map(([name, { because }]) => `${name}: ${because}`),
      ...draw,
    ]
  }
}
