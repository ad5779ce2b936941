/** The repository's own text files, by path from its top. Rules take such a map, so that a test can hand them a broken one. */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Files = ReadonlyMap<string, string>

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** What .gitignore leaves out, and vectors, which other people wrote. */
const IGNORED = new Set(['.git', 'node_modules', 'dist', '.turbo', 'coverage', 'vectors'])
const TEXT = new Set(['.ts', '.mjs', '.js', '.json', '.md', '.yaml', '.yml', '.sh', '.py', '.conf', '.zone', ''])

export function repositoryFiles(): Files {
  const files = new Map<string, string>()
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      if (IGNORED.has(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile() && TEXT.has(extname(entry.name))) files.set(path, readFileSync(join(ROOT, path), 'utf8'))
    }
  }
  walk('')
  return files
}

/** Source of packages: [path, package folder, text]. */
export function* sources(files: Files): Generator<readonly [path: string, pkg: string, text: string]> {
  for (const [path, text] of files) {
    const pkg = /^packages\/([^/]+)\/src\/.*\.ts$/.exec(path)?.[1]
    if (pkg !== undefined) yield [path, pkg, text]
  }
}

/** Tests and what only they use may import what a package's own code may not. */
export function isTest(path: string): boolean {
  return /\.(test|test-d|bench)\.ts$/.test(path) || /\/src\/(.*\/)?(testing|fixtures)\//.test(path)
}
