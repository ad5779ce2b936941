/** Rule: packages import downwards only; plugins know core, never each other. */
import { type Files, isTest, sources } from './files.ts'
import { importsOf } from './imports.ts'

const ALL = ['core', 'dns', 'dnssec', 'loc', 'dane', 'txt', 'mqtt', 'publish', 'testbed']

/** What each package's own code may import of the workspace. A new package is added here on purpose. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  dns: ['core'],
  dnssec: ['core'],
  loc: ['core'],
  dane: ['core'],
  txt: ['core'],
  mqtt: ['core'],
  publish: ['core', 'dns', 'dnssec', 'loc', 'dane', 'txt'],
  // It publishes what the plugins read, with their own codecs.
  testbed: ['core', 'dns', 'dnssec', 'loc', 'dane', 'txt'],
  cli: ALL,
}

export function wrongDirections(files: Files): string[] {
  const found: string[] = []
  for (const [path, pkg, text] of sources(files)) {
    const allowed = MAY_IMPORT[pkg]
    if (allowed === undefined) {
      found.push(`${path}: package ${pkg} has no line in test/house/direction.ts`)
      continue
    }
    for (const { specifier } of importsOf(path, text)) {
      const other = workspacePackage(specifier)
      if (leavesPackage(path, specifier)) found.push(`${path} reaches into another package: ${specifier}`)
      if (other === undefined || other === pkg || isTest(path)) continue
      if (!allowed.includes(other)) found.push(`${path} may not import ${specifier}`)
    }
  }
  return found
}

function workspacePackage(specifier: string): string | undefined {
  return /^@portolan\/([^/]+)/.exec(specifier)?.[1] ?? (/^portolan(\/|$)/.test(specifier) ? 'cli' : undefined)
}

/** A relative import that climbs above the package's own src. */
function leavesPackage(path: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return false
  const depth = path.split('/').length - 4 // packages/NAME/src/FILE is depth 0
  return specifier.split('/').filter((part) => part === '..').length > depth
}
