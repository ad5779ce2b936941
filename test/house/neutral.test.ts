import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { finish } from '../processes.ts'
import { ROOT } from './files.ts'

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

/** The neutral program with one more file; what the compiler says. */
async function compiledWith(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-neutral-'))
  try {
    const more = join(folder, 'more.ts')
    writeFileSync(more, text)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(ROOT, 'tsconfig.neutral.json'), files: [more] }),
    )
    return (await finish(process.execPath, [TSC, '-p', folder])).stdout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the neutral compilation (tsconfig.neutral.json)', () => {
  it('accepts the neutral files of this repository, and what browsers and Node share', async () => {
    expect(await compiledWith('export const url: URL = new URL("https://fleet.example"); new AbortController()')).toBe(
      '',
    )
  })

  it.each(['Buffer', 'process', 'setImmediate', '__dirname', 'global'])('knows no %s', async (name) => {
    expect(await compiledWith(`export const found: unknown = ${name}`)).toMatch(`Cannot find name '${name}'`)
  })
})
