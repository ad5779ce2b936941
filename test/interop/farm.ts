/** A signed tree on real servers: zones signed by BIND, ldns or Knot, served by named, resolved by unbound, all on loopback. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finish, freePort, type Running, start } from '../processes.ts'
import { type Program, pathOf } from '../servers.ts'

/** Programs that every farm needs; a signer's own come on top. */
export const FARM_PROGRAMS = [
  'named',
  'unbound',
  'dnssec-keygen',
  'dnssec-signzone',
] as const satisfies readonly Program[]

export interface ZoneSource {
  /** `fleet.test.`; `.` for the root. */
  readonly origin: string
  /** Master file without SOA, NS of the apex and DS of signed children, which the farm adds. */
  readonly records: string
  /** `unsigned` puts no DS into the parent. Default: `bind`. */
  readonly signer?: 'bind' | 'ldns' | 'unsigned'
  /** Mnemonic as dnssec-keygen has it. Default: ECDSAP256SHA256. */
  readonly algorithm?: string
  readonly bits?: number
  /** Default: `nsec`. */
  readonly denial?: 'nsec' | 'nsec3' | 'nsec3-optout'
  /** Days from now between which signatures hold. Default: from −1 to 30. */
  readonly validDays?: readonly [from: number, to: number]
  /** Changes the master file after it was signed. */
  readonly tamper?: (signed: string) => string
}

export interface Farm {
  /** unbound, validating. */
  readonly resolver: { readonly host: string; readonly port: number }
  /** named, authoritative for all zones. */
  readonly authoritative: { readonly host: string; readonly port: number }
  /** DS lines of the root. */
  readonly trustAnchors: readonly string[]
  /** The same in a file of one DS a line. */
  readonly anchorFile: string
  /** The same as delv reads it. */
  readonly delvAnchorFile: string
  readonly folder: string
  stop(): Promise<void>
}

/** Signs the zones, deepest first, so that each parent gets its children's DS; then starts both servers. */
export async function startFarm(zones: readonly ZoneSource[]): Promise<Farm> {
  const folder = await mkdtemp(join(tmpdir(), 'portolan-farm-'))
  const running: Running[] = []
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const delegations = new Map<string, string>()
    for (const zone of [...zones].sort((a, b) => depth(b.origin) - depth(a.origin))) {
      const children = [...delegations].filter(([child]) => parentZone(child, zones) === zone.origin)
      const ds = await writeZone(folder, zone, children.map(([, lines]) => lines).join(''))
      if (zone.tamper !== undefined) await rewrite(zoneFile(folder, zone), zone.tamper)
      delegations.set(zone.origin, `${zone.origin} 3600 NS ns.${zone.origin === '.' ? '' : zone.origin}\n${ds}`)
    }
    const trustAnchors = (delegations.get('.') ?? '').split('\n').filter((line) => / DS /.test(line))
    const anchorFile = join(folder, 'anchor.ds')
    await writeFile(anchorFile, `${trustAnchors.join('\n')}\n`)
    const delvAnchorFile = join(folder, 'anchor.delv')
    await writeFile(delvAnchorFile, delvAnchors(trustAnchors))
    const authoritative = { host: '127.0.0.1', port: await freePort() }
    const resolver = { host: '127.0.0.1', port: await freePort() }
    running.push(await startNamed(folder, zones, authoritative.port))
    running.push(await startUnbound(folder, zones, authoritative.port, resolver.port, anchorFile))
    return { resolver, authoritative, trustAnchors, anchorFile, delvAnchorFile, folder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Writes and signs a zone. @returns the DS lines for its parent */
async function writeZone(folder: string, zone: ZoneSource, delegations: string): Promise<string> {
  const file = zoneFile(folder, zone)
  const ns = `ns.${zone.origin === '.' ? '' : zone.origin}`
  const apex = `$ORIGIN ${zone.origin}\n$TTL 3600\n@ SOA ${ns} hostmaster 1 3600 900 604800 300\n@ NS ${ns}\n${ns} A 127.0.0.1\n`
  const text = `${apex}${delegations}${zone.records}\n`
  if (zone.signer === 'unsigned') {
    await writeFile(file, text)
    return ''
  }
  await writeFile(`${file}.unsigned`, text)
  return zone.signer === 'ldns' ? signWithLdns(folder, zone) : signWithBind(folder, zone)
}

async function signWithBind(folder: string, zone: ZoneSource): Promise<string> {
  const file = zoneFile(folder, zone)
  const keys = `${file}.keys`
  await mkdir(keys)
  const bits = zone.bits === undefined ? [] : ['-b', String(zone.bits)]
  const algorithm = ['-a', zone.algorithm ?? 'ECDSAP256SHA256', ...bits]
  const ksk = (await run('dnssec-keygen', ['-q', '-K', keys, ...algorithm, '-f', 'KSK', zone.origin])).trim()
  await run('dnssec-keygen', ['-q', '-K', keys, ...algorithm, zone.origin])
  const [from, to] = zone.validDays ?? [-1, 30]
  const nsec3 = { nsec: [], nsec3: ['-3', '-', '-H', '0'], 'nsec3-optout': ['-3', '-', '-H', '0', '-A'] }[
    zone.denial ?? 'nsec'
  ]
  const validity = ['-s', signingTime(from), '-e', signingTime(to)]
  const files = ['-f', file, `${file}.unsigned`]
  await run('dnssec-signzone', ['-S', '-P', '-K', keys, '-d', keys, '-o', zone.origin, ...validity, ...nsec3, ...files])
  return dsLines(join(keys, `${ksk}.key`))
}

async function signWithLdns(folder: string, zone: ZoneSource): Promise<string> {
  const file = zoneFile(folder, zone)
  const keys = `${file}.keys`
  await mkdir(keys)
  const bits = zone.bits === undefined ? [] : ['-b', String(zone.bits)]
  const algorithm = ['-a', zone.algorithm ?? 'ECDSAP256SHA256', ...bits]
  const keygen = async (...extra: string[]) =>
    (await run('ldns-keygen', [...extra, ...algorithm, zone.origin], keys)).trim()
  const ksk = await keygen('-k')
  const zsk = await keygen()
  const [from, to] = zone.validDays ?? [-1, 30]
  const nsec3 = { nsec: [], nsec3: ['-n', '-t', '0'], 'nsec3-optout': ['-n', '-p', '-t', '0'] }[zone.denial ?? 'nsec']
  const validity = ['-i', signingTime(from), '-e', signingTime(to)]
  const arguments_ = [...nsec3, ...validity, '-f', file, `${file}.unsigned`, join(keys, ksk), join(keys, zsk)]
  await run('ldns-signzone', arguments_)
  return dsLines(join(keys, `${ksk}.key`))
}

async function dsLines(keyFile: string): Promise<string> {
  return run('dnssec-dsfromkey', ['-2', keyFile])
}

async function startNamed(folder: string, zones: readonly ZoneSource[], port: number): Promise<Running> {
  const list = zones.map((zone) => `zone "${zone.origin}" { type primary; file "${zoneFile(folder, zone)}"; };`)
  const options = [
    `directory "${folder}"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };`,
    'recursion no; dnssec-validation no; pid-file none; session-keyfile none; max-records-per-type 0; notify no;',
  ]
  await writeFile(join(folder, 'named.conf'), `options { ${options.join(' ')} };\ncontrols { };\n${list.join('\n')}\n`)
  return start(pathOf('named'), ['-g', '-c', join(folder, 'named.conf')], { ready: /\brunning\b/ })
}

async function startUnbound(
  folder: string,
  zones: readonly ZoneSource[],
  authoritativePort: number,
  port: number,
  anchorFile: string,
): Promise<Running> {
  const stubs = zones.map(
    ({ origin }) => `stub-zone:\n  name: "${origin}"\n  stub-addr: 127.0.0.1@${authoritativePort}`,
  )
  const server = [
    'username: ""',
    'chroot: ""',
    'pidfile: ""',
    'use-syslog: no',
    `directory: "${folder}"`,
    'interface: 127.0.0.1',
    `port: ${port}`,
    'do-not-query-localhost: no',
    'do-daemonize: no',
    'num-threads: 1',
    'module-config: "validator iterator"',
    `trust-anchor-file: "${anchorFile}"`,
    'local-zone: "test." nodefault',
    'ede: yes',
    'minimal-responses: no',
  ]
  await writeFile(join(folder, 'unbound.conf'), `server:\n  ${server.join('\n  ')}\n${stubs.join('\n')}\n`)
  return start(pathOf('unbound'), ['-d', '-v', '-c', join(folder, 'unbound.conf')], { ready: /start of service/ })
}

function delvAnchors(dsLinesOfRoot: readonly string[]): string {
  const anchors = dsLinesOfRoot.map((line) => {
    const [, tag, algorithm, digestType, digest] = / DS (\d+) (\d+) (\d+) (.+)$/.exec(line) ?? []
    return `. static-ds ${tag} ${algorithm} ${digestType} "${digest?.replace(/\s/g, '')}";`
  })
  return `trust-anchors { ${anchors.join(' ')} };\n`
}

/** Runs a tool and gives what it printed. @throws Error with its complaint */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { status, stdout, stderr } = await finish(program, args, cwd === undefined ? {} : { cwd })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}.\n${stdout}${stderr}`)
  return stdout
}

/** What a validator of BIND says: the last word is `secure`, `insecure` or `bogus`, with the records it showed. */
export async function delv(farm: Farm, name: string, type: string): Promise<{ verdict: string; output: string }> {
  const server = ['@127.0.0.1', '-p', String(farm.resolver.port)]
  const { stdout, stderr } = await finish('delv', [...server, '-a', farm.delvAnchorFile, '+root=.', '+cd', name, type])
  const output = `${stdout}${stderr}`
  if (/resolution failed: (?!ncache)/.test(output)) return { verdict: 'bogus', output }
  // Of a chain of aliases it says the one of some records and the other of others.
  if (/unsigned answer/.test(output)) return { verdict: 'insecure', output }
  if (/fully validated/.test(output)) return { verdict: 'secure', output }
  return { verdict: 'bogus', output }
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`nothing was changed in ${path}`)
  await writeFile(path, after)
}

function zoneFile(folder: string, { origin }: ZoneSource): string {
  return join(folder, origin === '.' ? 'root.zone' : `${origin}zone`)
}

function depth(origin: string): number {
  return origin === '.' ? 0 : origin.split('.').length
}

function parentZone(origin: string, zones: readonly ZoneSource[]): string | undefined {
  if (origin === '.') return undefined
  const above = zones.filter(
    (zone) => zone.origin !== origin && (zone.origin === '.' || origin.endsWith(`.${zone.origin}`)),
  )
  return above.sort((a, b) => depth(b.origin) - depth(a.origin))[0]?.origin
}

/** As signers write times: YYYYMMDDHHMMSS. */
function signingTime(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().replace(/\D/g, '').slice(0, 14)
}
