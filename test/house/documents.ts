/** Rules about text: each package explains itself in its README, each source file in its first line. */
import { type Files, isTest, sources } from './files.ts'

export function readmeFaults(files: Files): string[] {
  const found: string[] = []
  for (const path of files.keys()) {
    const pkg = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1]
    if (pkg === undefined) continue
    const readme = files.get(`packages/${pkg}/README.md`)
    if (readme === undefined) {
      found.push(`packages/${pkg} has no README.md`)
      continue
    }
    const lacks = (what: string) => found.push(`packages/${pkg}/README.md lacks ${what}`)
    if (!/^# \S+\n\n\S/.test(readme)) lacks('its name as title and below it what it does')
    if (!/^```(ts|sh|console)$/m.test(readme)) lacks('an example')
    const limits = /^## Limits$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme)?.[1]
    if (limits === undefined) lacks('a section "## Limits"')
    else if (!/RFC \d{3,5}/.test(limits)) lacks('the RFC numbers of its limits')
  }
  return found
}

export function filesWithoutOpening(files: Files): string[] {
  return [...sources(files)]
    .filter(([path, , text]) => !isTest(path) && !/^(#!.*\n)?\/\*\*\s/.test(text))
    .map(([path]) => `${path} does not open with a sentence on what it is`)
}
