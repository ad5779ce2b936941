/** Checks the package in the current folder as it would be published: publint and are-the-types-wrong on its tarball. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const shell = process.platform === 'win32'
const folder = mkdtempSync(join(tmpdir(), 'portolan-pack-'))
try {
  // pnpm's pack, not npm's: it applies publishConfig and replaces workspace: ranges.
  run('pnpm', ['pack', '--pack-destination', folder])
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'missing.tgz')
  run('publint', ['run', tarball, '--strict'])
  run('attw', ['--profile', 'esm-only', '--no-emoji', '--format', 'ascii', tarball])
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { shell, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${command} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\n`)
  process.exitCode = 1
}
