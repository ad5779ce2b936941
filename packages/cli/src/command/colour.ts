/** Colour for terminals, and for nothing else (https://no-color.org). */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  doubtful(text: string): string
  bad(text: string): string
}

const plain = (text: string) => text
const sgr = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`

const PLAIN: Paint = { strong: plain, faint: plain, good: plain, doubtful: plain, bad: plain }
const COLOURED: Paint = {
  strong: sgr(1, 22),
  faint: sgr(2, 22),
  good: sgr(32, 39),
  doubtful: sgr(33, 39),
  bad: sgr(31, 39),
}

/** @param env `NO_COLOR`, set to anything but nothing, turns colour off; `TERM=dumb` too */
export function paintFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb' ? COLOURED : PLAIN
}
