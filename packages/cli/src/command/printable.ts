/** Text for a terminal: what DNS servers wrote must not move the cursor or recolour the screen. */

/** Control characters, C1 and bidirectional overrides among them, become `�`; line ends stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const UNPRINTABLE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
