/** Suites that need real servers: run where they are installed, skipped with a word elsewhere, failed where they were promised. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

/** Each program with the Debian package that brings it; `.ci/run` installs them all. */
const PACKAGES = {
  named: 'bind9',
  rndc: 'bind9-utils',
  'named-checkzone': 'bind9-utils',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  delv: 'bind9-dnsutils',
  dig: 'bind9-dnsutils',
  unbound: 'unbound',
  knotd: 'knot',
  kzonesign: 'knot',
  kdig: 'knot-dnsutils',
  nsd: 'nsd',
  'ldns-signzone': 'ldnsutils',
  'ldns-keygen': 'ldnsutils',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  mosquitto_sub: 'mosquitto-clients',
  openssl: 'openssl',
  danetool: 'gnutls-bin',
  stdbuf: 'coreutils',
} as const

export type Program = keyof typeof PACKAGES

/** A user's PATH often lacks the folders of servers. */
const FOLDERS = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  '/sbin',
  '/opt/homebrew/sbin',
]

/**
 * A suite over real programs. Where one is missing it is skipped and says what to install; with PORTOLAN_REQUIRE_SERVERS=1
 * that is a failure instead, so that a build machine cannot pass by having nothing to test.
 */
export function describeWithServers(title: string, programs: readonly Program[], suite: () => void): void {
  const missing = missingOf(programs)
  if (missing.length === 0) {
    describe(title, suite)
    return
  }
  const advice = installAdvice(missing)
  if (process.env.PORTOLAN_REQUIRE_SERVERS === '1') {
    describe(title, () => {
      it(`finds ${missing.join(', ')}`, () => {
        throw new Error(advice)
      })
    })
    return
  }
  console.log(`Skipped: ${title}. ${advice}`)
  describe.skipIf(true)(title, suite)
}

/** Where a program lies. @throws Error that says what to install */
export function pathOf(program: Program): string {
  const path = find(program)
  if (path === undefined) throw new Error(installAdvice([program]))
  return path
}

export function missingOf(
  programs: readonly Program[],
  exists: (program: Program) => boolean = (program) => find(program) !== undefined,
): Program[] {
  return programs.filter((program) => !exists(program))
}

export function installAdvice(missing: readonly Program[]): string {
  const packages = [...new Set(missing.map((program) => PACKAGES[program]))]
  return `Not installed: ${missing.join(', ')}. On Debian: apt-get install ${packages.join(' ')}`
}

function find(program: Program): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
