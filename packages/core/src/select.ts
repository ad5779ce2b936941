/** The order of SRV targets: tiers inside a priority group, in a tier the weighted draw of RFC 2782. */

/** What the order needs to know of one target of a priority group. */
export interface Standing {
  /** SRV weight times the plugins' factors; not negative, whole. */
  readonly weight: number
  /** What each plugin prefers, compared one after the other; lower is better. */
  readonly tiers: readonly number[]
}

/**
 * Orders one priority group: ascending tiers, the draw of RFC 2782 in each tier. Each is drawn when it is asked for.
 * O(n log n).
 * @param random uniform in [0, 1)
 */
export function* ordered<T extends Standing>(group: readonly T[], random: () => number): Generator<T, void, void> {
  const byTier = group.toSorted(byTiers)
  for (let start = 0; start < byTier.length; ) {
    const first = byTier[start] as T
    let end = start + 1
    while (end < byTier.length && byTiers(first, byTier[end] as T) === 0) end++
    yield* drawn(byTier.slice(start, end), random)
    start = end
  }
}

function byTiers(a: Standing, b: Standing): number {
  for (let i = 0; i < a.tiers.length; i++) {
    const left = a.tiers[i] ?? 0
    const right = b.tiers[i] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/**
 * RFC 2782, "Weight": zeros first, then again and again a whole number from 0 to the sum of what is left, inclusive,
 * and the first whose running sum reaches it. Before that all are shuffled, because the RFC leaves ties to chance: so each
 * of z zeros comes first with 1/(z(W+1)), and without zeros each of n with (w+1/n)/(W+1).
 */
export function* drawn<T extends { readonly weight: number }>(
  tier: readonly T[],
  random: () => number,
): Generator<T, void, void> {
  const mixed = shuffled(tier, random)
  const line = [...mixed.filter(({ weight }) => weight === 0), ...mixed.filter(({ weight }) => weight > 0)]
  const left = runningSums(line.map(({ weight }) => weight))
  for (let count = line.length; count > 0; count--) {
    const sum = Math.floor(random() * (left.total() + 1))
    yield line[left.takeFirstReaching(sum)] as T
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = result[i] as T
    result[i] = result[j] as T
    result[j] = held
  }
  return result
}

/**
 * Running sums of which items can be taken away, each in O(log n): a binary tree over the line whose nodes hold the
 * sum and the number of the items still below them.
 */
function runningSums(weights: readonly number[]) {
  let leaves = 1
  while (leaves < weights.length) leaves *= 2
  const sums = new Float64Array(2 * leaves)
  const counts = new Uint32Array(2 * leaves)
  weights.forEach((weight, i) => {
    sums[leaves + i] = weight
    counts[leaves + i] = 1
  })
  const refresh = (node: number) => {
    sums[node] = (sums[2 * node] as number) + (sums[2 * node + 1] as number)
    counts[node] = (counts[2 * node] as number) + (counts[2 * node + 1] as number)
  }
  for (let node = leaves - 1; node > 0; node--) refresh(node)
  return {
    total: () => sums[1] as number,
    /** Takes the first item left whose running sum is at least `sum`, and returns its place in the line. */
    takeFirstReaching(sum: number): number {
      let node = 1
      let rest = sum
      while (node < leaves) {
        const left = 2 * node
        // A left half without items reaches nothing, not even a sum of 0.
        if ((counts[left] as number) > 0 && rest <= (sums[left] as number)) node = left
        else {
          rest -= sums[left] as number
          node = left + 1
        }
      }
      const place = node - leaves
      sums[node] = 0
      counts[node] = 0
      for (let above = node >> 1; above > 0; above >>= 1) refresh(above)
      return place
    },
  }
}
