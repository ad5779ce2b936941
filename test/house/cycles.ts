/** Rule: no file imports itself, by whatever way round; imports of types alone don't count. */
import { posix } from 'node:path'
import { type Files, sources } from './files.ts'
import { importsOf } from './imports.ts'

/** Each cycle once, as `a.ts → b.ts → a.ts`. */
export function valueCycles(files: Files): string[] {
  const graph = new Map<string, string[]>()
  for (const [path, , text] of sources(files)) {
    const targets = importsOf(path, text)
      .filter(({ typeOnly, specifier }) => !typeOnly && specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
    graph.set(path, targets)
  }
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path)
    if (at >= 0) {
      found.push([...way.slice(at), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...way, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}
