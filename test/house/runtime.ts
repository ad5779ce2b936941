/**
 * Rule: what must run wherever JavaScript runs imports nothing of Node's; files named `*.node.ts` may, and no neutral file
 * imports one of them. (That `Buffer` and `process` are absent too is the compiler's part: tsconfig.neutral.json.)
 */
import { isBuiltin } from 'node:module'
import { type Files, isTest, sources } from './files.ts'
import { importsOf } from './imports.ts'

const NEUTRAL = new Set(['core', 'dns', 'dnssec', 'loc', 'dane', 'txt'])

export function nodeInNeutralFiles(files: Files): string[] {
  const found: string[] = []
  for (const [path, pkg, text] of sources(files)) {
    if (!NEUTRAL.has(pkg) || path.endsWith('.node.ts') || isTest(path)) continue
    for (const { specifier } of importsOf(path, text)) {
      if (isBuiltin(specifier)) found.push(`${path} imports ${specifier}: only *.node.ts may`)
      if (specifier.endsWith('.node.ts')) found.push(`${path} is neutral and imports ${specifier}`)
    }
  }
  return found
}
