/** After a refusal that a change in DNS may explain: has the plugin that refused ask anew (a roll-over seen half way). */
import type { Candidate, Lookup, Plugin } from '@portolan/core'
import { abandonable } from './clock.ts'
import type { AttemptError } from './errors.ts'

/**
 * Asks, past all caches, what the refusal rested on.
 * @returns the candidate with what was learnt; `undefined` where nothing changed, and the refusal stands
 * @throws the signal's reason
 */
export async function recheck(
  candidate: Candidate,
  refusals: readonly AttemptError[],
  plugins: readonly Plugin[],
  context: { readonly lookup: Lookup; readonly signal: AbortSignal; random(): number },
): Promise<Candidate | undefined> {
  const { signal } = context
  const facts: Record<string, unknown> = { ...(candidate.facts as Readonly<Record<string, unknown>>) }
  let hasChanged = false
  for (const plugin of plugins) {
    if (plugin.recheck === undefined || !refusals.some(({ refusedBy }) => refusedBy === plugin.name)) continue
    try {
      const fact = await abandonable(plugin.recheck(facts[plugin.name], context), signal)
      hasChanged ||= fact !== facts[plugin.name]
      facts[plugin.name] = fact
    } catch {
      // A veto, or a bug in the plugin: either way nothing speaks for the server.
      signal.throwIfAborted()
    }
  }
  return hasChanged ? { ...candidate, facts } : undefined
}
