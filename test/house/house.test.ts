import { describe, expect, it } from 'vitest'
import { valueCycles } from './cycles.ts'
import { wrongDirections } from './direction.ts'
import { filesWithoutOpening, readmeFaults } from './documents.ts'
import { type Files, repositoryFiles } from './files.ts'
import { machineTraces } from './machine.ts'
import { nodeInNeutralFiles } from './runtime.ts'

const files = repositoryFiles()

describe('this repository', () => {
  it.each([
    ['imports downwards only', wrongDirections],
    ['keeps Node out of neutral files', nodeInNeutralFiles],
    ['has no cycle of value imports', valueCycles],
    ['explains each package in its README', readmeFaults],
    ['explains each file in its first line', filesWithoutOpening],
    ['knows nothing of one machine', machineTraces],
  ])('%s', (_title, rule: (files: Files) => string[]) => {
    expect(rule(files)).toEqual([])
  })

  it('is what the rules looked at', () => {
    for (const pkg of ['core', 'dns', 'dnssec', 'loc', 'dane', 'txt', 'mqtt', 'testbed', 'cli']) {
      const entries = ['index.ts', 'index.node.ts'].map((name) => files.get(`packages/${pkg}/src/${name}`))
      expect(
        entries.some((text) => text !== undefined),
        pkg,
      ).toBe(true)
    }
  })
})

describe('the rules', () => {
  const broken = (path: string, text: string): Files => new Map([[path, text]])

  it.each([
    ['core importing a plugin', 'core/src/a.ts', "import { loc } from '@portolan/loc'"],
    ['a plugin importing a plugin', 'txt/src/a.ts', "import type { LocFact } from '@portolan/loc'"],
    ['a plugin importing dns', 'dane/src/a.ts', "export { cached } from '@portolan/dns'"],
    ['a second entry', 'dns/src/a.ts', "import { x } from '@portolan/dnssec/records'"],
    ['a late import', 'loc/src/a.ts', "const dns = await import('@portolan/dns')"],
    ['anything importing the command', 'mqtt/src/a.ts', "import { discover } from 'portolan'"],
    ['another package by path', 'dns/src/deep/a.ts', "import { x } from '../../../core/src/x.ts'"],
    ['a package nobody placed', 'new/src/a.ts', ''],
  ])('refuse %s', (_title, path, text) => {
    expect(wrongDirections(broken(`packages/${path}`, text))).toHaveLength(1)
  })

  it('allow core everywhere, and everything in the command and in tests', () => {
    expect(wrongDirections(broken('packages/loc/src/a.ts', "import { SRV } from '@portolan/core'"))).toEqual([])
    expect(wrongDirections(broken('packages/cli/src/a.ts', "import { loc } from '@portolan/loc'"))).toEqual([])
    expect(wrongDirections(broken('packages/loc/src/a.test.ts', "import { x } from '@portolan/testbed'"))).toEqual([])
    expect(wrongDirections(broken('packages/dns/src/deep/a.ts', "import { x } from '../x.ts'"))).toEqual([])
  })

  it.each([
    ['node:', 'core/src/a.ts', "import { createHash } from 'node:crypto'"],
    ['a built-in by its old name', 'dns/src/a.ts', "import { Socket } from 'net'"],
    ['its types', 'txt/src/a.ts', "import type { Socket } from 'node:net'"],
    ['a sibling for Node', 'dnssec/src/a.ts', "export { verify } from './crypto.node.ts'"],
  ])('refuse %s in a neutral file', (_title, path, text) => {
    expect(nodeInNeutralFiles(broken(`packages/${path}`, text))).toHaveLength(1)
  })

  it("allow node: in *.node.ts, in tests and in Node's packages", () => {
    const text = "import { connect } from 'node:net'"
    for (const path of ['dns/src/tcp.node.ts', 'dns/src/tcp.test.ts', 'mqtt/src/dial.ts']) {
      expect(nodeInNeutralFiles(broken(`packages/${path}`, text))).toEqual([])
    }
  })

  it('find a cycle of values, however long, and none of types', () => {
    const cycle = (keyword: string): Files =>
      new Map([
        ['packages/core/src/a.ts', "import { b } from './b.ts'"],
        ['packages/core/src/b.ts', "export { c } from './deep/c.ts'"],
        ['packages/core/src/deep/c.ts', `${keyword} { a } from '../a.ts'`],
      ])
    expect(valueCycles(cycle('import'))).toEqual([
      'packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/deep/c.ts → packages/core/src/a.ts',
    ])
    expect(valueCycles(cycle('import type'))).toEqual([])
  })

  it('refuse a package without README, and one that hides its limits', () => {
    const readme = '# @portolan/new\n\nDoes things.\n\n```ts\nx\n```\n\n## Limits\n\nNo DNAME (RFC 6672).\n'
    const withReadme = (text: string): Files =>
      new Map([
        ['packages/new/package.json', '{}'],
        ['packages/new/README.md', text],
      ])
    expect(readmeFaults(withReadme(readme))).toEqual([])
    expect(readmeFaults(broken('packages/new/package.json', '{}'))).toHaveLength(1)
    expect(readmeFaults(withReadme(readme.replace('RFC 6672', 'yet')))).toHaveLength(1)
    expect(readmeFaults(withReadme(readme.replace('## Limits', '## Edges')))).toHaveLength(1)
    expect(readmeFaults(withReadme(readme.replace('```ts', '')))).toHaveLength(1)
    expect(readmeFaults(withReadme(readme.replace('Does things.', '')))).toHaveLength(1)
  })

  it('refuse a file that starts without a word', () => {
    expect(filesWithoutOpening(broken('packages/core/src/a.ts', 'export const a = 1\n'))).toHaveLength(1)
    expect(filesWithoutOpening(broken('packages/core/src/a.ts', '/** What it is. */\n'))).toEqual([])
  })

  it.each(['see /home/someone/notes', "const x = '/tmp/work'", 'registry=https://example.test', 'C:\\Users\\me'])(
    'refuse the trace of a machine: %s',
    (text) => {
      expect(machineTraces(broken('docs/a.md', text))).toHaveLength(1)
    },
  )
})
