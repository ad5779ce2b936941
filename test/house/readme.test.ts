import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { finish } from '../processes.ts'
import { ROOT, repositoryFiles } from './files.ts'

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
/** Inside the repository, so that its packages are found by name. */
const FOLDER = join(ROOT, 'node_modules/.cache/portolan-readme')

interface Example {
  readonly title: string
  readonly code: string
}

/** Each block fenced as `ts`, named by its file and line. A block that is no program of its own is fenced as something else. */
function examplesIn(path: string, text: string): Example[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    title: `${path.replaceAll('/', '-')}-${text.slice(0, match.index).split('\n').length + 1}`,
    code: match[1] ?? '',
  }))
}

/** Compiles them as a reader of the published packages would, but for `source`; returns what the compiler says. */
async function compile(name: string, examples: readonly Example[], conditions: readonly string[]): Promise<string> {
  const folder = join(FOLDER, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { title, code } of examples) writeFileSync(join(folder, `${title}.mts`), `${code}\nexport {}\n`)
  const compilerOptions = {
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    sourceMap: false,
    customConditions: conditions,
    rootDir: conditions.length > 0 ? ROOT : folder,
    noEmit: conditions.length > 0,
    outDir: folder,
  }
  const config = { extends: join(ROOT, 'tsconfig.base.json'), compilerOptions, include: ['*.mts'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return (await finish(process.execPath, [TSC, '-p', folder], { timeoutMs: 60_000 })).stdout
}

describe('code in the documents', () => {
  const documents = [...repositoryFiles()].filter(([path]) => path.endsWith('.md'))
  const examples = documents.flatMap(([path, text]) => examplesIn(path, text))

  it('compiles', async () => {
    expect(await compile('all', examples, ['source'])).toBe('')
  })

  it('would not compile with a mistake in it', async () => {
    const [example] = examplesIn('a.md', "```ts\nimport { discover } from 'portolan'\ndiscover(5)\n```\n")
    expect(await compile('broken', example ? [example] : [], ['source'])).toMatch('a.md-2.mts')
  })

  it("runs, as README.md's example: ten lines that print brokers", async () => {
    const [example] = examplesIn('README.md', repositoryFiles().get('README.md') ?? '')
    if (example === undefined) throw new Error('README.md has no example')
    expect(example.code.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(10)
    // Over the built packages, so this needs `pnpm build`, which `npm test` does first.
    expect(await compile('run', [example], [])).toBe('')
    const { status, stdout, stderr } = await finish(process.execPath, [join(FOLDER, 'run', `${example.title}.mjs`)])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^singapore\.fleet\.test\. \d+ priority 0; loc: \d/)
  })
})
