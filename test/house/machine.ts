/** Rule: nothing in the repository knows the machine it was written on. */
import type { Files } from './files.ts'

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s"'`(=:])\/(home|root|Users|work|tmp)\/[\w.-]+/, 'a path of one machine'],
  [/[A-Z]:\\\\?Users\\/, 'a path of one machine'],
  [/\bregistry\.[\w-]+\.(org|com|io|dev)\b|\bregistry=https?:/, 'a package registry'],
  [/resolution: \{tarball:/, 'the address of a package'],
]

export function machineTraces(files: Files): string[] {
  const found: string[] = []
  for (const [path, text] of files) {
    if (path.startsWith('test/house/')) continue
    text.split('\n').forEach((line, index) => {
      for (const [pattern, what] of PATTERNS) if (pattern.test(line)) found.push(`${path}:${index + 1} has ${what}`)
    })
  }
  return found
}
