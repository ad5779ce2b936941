/** Runs `pnpm <arguments>` on a machine that has only Node and npm: brings the pinned pnpm and the locked packages first. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const version = /^pnpm@(\d+\.\d+\.\d+)/.exec(packageManager)?.[1]
// On Windows npm and pnpm are .cmd files, which only a shell starts.
const shell = process.platform === 'win32'

requireNode(/\d+\.\d+/.exec(engines.node)?.[0] ?? '0.0')
const home = join(root, 'node_modules', '.pm', version)
const bin = join(home, 'node_modules', '.bin')
const environment = { TURBO_TELEMETRY_DISABLED: '1', ...process.env }
if (!isPinned(environment)) {
  usePnpmFrom(bin)
  if (!isPinned(environment)) installPnpm()
}
installPackages()
run(process.argv.slice(2))

/** @param {string} wanted `major.minor` */
function requireNode(wanted) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return
  fail(`Portolan needs Node ${wanted} or later; this is ${process.versions.node}.`)
}

/** Whether the first pnpm on PATH is the pinned one. Asked outside the repository: inside it, another version may switch itself. */
function isPinned(env) {
  const { status, stdout } = spawnSync('pnpm', ['--version'], { cwd: tmpdir(), env, shell, encoding: 'utf8' })
  return status === 0 && stdout.trim() === version
}

/** turbo starts `pnpm` by name, so PATH must lead to it. */
function usePnpmFrom(folder) {
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  environment[key] = [folder, environment[key]].filter(Boolean).join(delimiter)
}

function installPnpm() {
  say(`Installing pnpm ${version} into node_modules/.pm (once).`)
  mkdirSync(home, { recursive: true })
  const options = ['--prefix', home, '--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const { status, error } = spawnSync('npm', ['install', ...options, `pnpm@${version}`], {
    cwd: home,
    env: environment,
    shell,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status === 0 && isPinned(environment)) return
  fail(
    `npm could not install pnpm ${version}${error ? ` (${error.message})` : ''}.`,
    'The first run needs a package registry that npm reaches (npm ping tells); later runs need none.',
  )
}

/** Quick where nothing changed since the last time: pnpm compares the lockfile with what it wrote down then. */
function installPackages() {
  const first = !existsSync(join(root, 'node_modules', '.modules.yaml'))
  if (first) say('Installing the packages that pnpm-lock.yaml names (once).')
  // --prod=false: NODE_ENV=production would leave the compiler out.
  const args = ['install', '--frozen-lockfile', '--prod=false', '--config.confirmModulesPurge=false']
  const { status, stdout, stderr } = spawnSync('pnpm', args, { cwd: root, env: environment, shell, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  fail(
    'pnpm could not install the packages; its words stand above.',
    'Where the registry could not be reached: the first run needs it, later runs do not until pnpm-lock.yaml changes.',
  )
}

/** Its exit status and the signal that ends it become ours. */
function run(args) {
  const child = spawn('pnpm', args, { cwd: root, env: environment, shell, stdio: 'inherit' })
  // A terminal sends Ctrl-C to the child too: wait for it to end. Other senders mean us alone, so pass it on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => fail(`pnpm could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal ?? ''] ?? 0)
  })
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`)
}

/** @param {string[]} lines */
function fail(...lines) {
  for (const line of lines) say(line)
  process.exit(1)
}
