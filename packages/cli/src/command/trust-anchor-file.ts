/** A file of trust anchors: DS or DNSKEY records as zone files have them, with comments, over one line or several. */
import { InvalidOptionError } from '@portolan/core'
import { type CommandIo, readText } from './io.ts'

/**
 * One line for each record.
 * @throws InvalidOptionError where the file cannot be read or holds no record
 */
export function readTrustAnchors(path: string, io: CommandIo): readonly string[] {
  const lines = recordLines(readText('--trust-anchor', path, io))
  if (lines.length === 0) {
    throw new InvalidOptionError(
      '--trust-anchor',
      `${path} has no DS or DNSKEY record, such as: . IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D`,
    )
  }
  return lines
}

/** Comments begin with `;` (RFC 1035 §5.1; people also write `#`, and `//` before a line), parentheses continue a record on the next line. */
function recordLines(text: string): readonly string[] {
  const bare = text
    .split(/\r?\n/)
    .map((line) => line.replace(/[;#].*$|^\s*\/\/.*$/, ''))
    .join('\n')
  return bare
    .replace(/\([^()]*\)/g, (record) => record.replace(/[()\n]/g, ' '))
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '' && !line.startsWith('$'))
}
