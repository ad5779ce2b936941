import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { finish } from '../processes.ts'
import { ROOT } from './files.ts'

const PINNED = '1.2.3'
let folder: string

/** A repository of nothing but the script, and beside it programs that write down how they were called. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-bootstrap-'))
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'repo/scripts'), { recursive: true })
  cpSync(join(ROOT, 'scripts/bootstrap.mjs'), join(folder, 'repo/scripts/bootstrap.mjs'))
  const manifest = { type: 'module', packageManager: `pnpm@${PINNED}`, engines: { node: '>=20.19' } }
  writeFileSync(join(folder, 'repo/package.json'), JSON.stringify(manifest))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function program(path: string, body: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}

const PNPM = (version: string) => `[ "$1" = --version ] && { echo ${version}; exit; }
echo "pnpm $* [$MARK]" >> "${folder}/calls"
[ "$1" = install ] && exit "\${INSTALL_STATUS:-0}"
exit "\${RUN_STATUS:-0}"`

async function bootstrap(env: Readonly<Record<string, string>> = {}) {
  const path = `${join(folder, 'bin')}:/usr/bin:/bin`
  const script = join(folder, 'repo/scripts/bootstrap.mjs')
  const ended = await finish(process.execPath, [script, 'exec', 'turbo', 'run', 'a b'], {
    env: { PATH: path, MARK: 'kept', ...env },
  })
  return { ...ended, calls: () => readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean) }
}

const INSTALL = 'pnpm install --frozen-lockfile --prod=false --config.confirmModulesPurge=false [kept]'

describe('scripts/bootstrap.mjs', () => {
  it('uses the pnpm on PATH where it is the pinned one, and hands on arguments, environment and status', async () => {
    program(join(folder, 'bin/pnpm'), PNPM(PINNED))
    program(join(folder, 'bin/npm'), 'exit 9')
    const { status, calls } = await bootstrap({ RUN_STATUS: '5' })
    expect(calls()).toEqual([INSTALL, 'pnpm exec turbo run a b [kept]'])
    expect(status).toBe(5)
  })

  it('brings the pinned one with npm where PATH has another, or none, once', async () => {
    program(join(folder, 'bin/pnpm'), PNPM('9.9.9'))
    const inside = join(folder, 'repo/node_modules/.pm', PINNED, 'node_modules/.bin/pnpm')
    program(join(folder, 'pnpm-to-be'), PNPM(PINNED))
    program(
      join(folder, 'bin/npm'),
      `echo "npm $1 ... $(for last; do :; done; echo $last)" >> "${folder}/calls"
mkdir -p "${dirname(inside)}" && cp "${folder}/pnpm-to-be" "${inside}"`,
    )
    expect((await bootstrap()).status).toBe(0)
    const again = await bootstrap()
    const run = [INSTALL, 'pnpm exec turbo run a b [kept]']
    expect(again.calls()).toEqual([`npm install ... pnpm@${PINNED}`, ...run, ...run])
    expect(again.stderr).not.toContain('Installing pnpm')
  })

  it('says what is missing where npm cannot bring it', async () => {
    program(join(folder, 'bin/npm'), 'exit 1')
    const { status, stderr } = await bootstrap()
    expect(stderr).toContain(`npm could not install pnpm ${PINNED}.\nThe first run needs a package registry`)
    expect(status).toBe(1)
  })

  it('says so, and runs nothing, where the packages cannot be installed', async () => {
    program(join(folder, 'bin/pnpm'), PNPM(PINNED))
    const { status, stderr, calls } = await bootstrap({ INSTALL_STATUS: '1' })
    expect(stderr).toContain('pnpm could not install the packages')
    expect(calls()).toEqual([INSTALL])
    expect(status).toBe(1)
  })

  it('refuses a Node that is too old, by both numbers', async () => {
    program(join(folder, 'bin/pnpm'), PNPM(PINNED))
    const manifest = { type: 'module', packageManager: `pnpm@${PINNED}`, engines: { node: '>=999.1' } }
    writeFileSync(join(folder, 'repo/package.json'), JSON.stringify(manifest))
    const { status, stderr } = await bootstrap()
    expect(stderr).toBe(`Portolan needs Node 999.1 or later; this is ${process.versions.node}.\n`)
    expect(status).toBe(1)
  })
})
