/** The plugins of the default composition. */
import { type DaneMode, type DanePlugin, dane } from '@portolan/dane'
import { type LocOptions, loc } from '@portolan/loc'
import { txt } from '@portolan/txt'

export type BrokerPlugin = ReturnType<typeof loc> | DanePlugin | ReturnType<typeof txt>

/** `loc` only where a position is given: otherwise its questions would be for nothing. */
export function pluginsFor(
  mode: DaneMode,
  near: LocOptions['near'] | undefined,
  now: (() => number) | undefined,
): readonly BrokerPlugin[] {
  const always = [dane({ mode, now }), txt()]
  return near === undefined ? always : [loc({ near }), ...always]
}
