/**
 * Feeds the validator replies with octets changed, cut, doubled and swapped between messages. Each must end in a verdict or in
 * an error of ours, within bounded time, and what is called secure must hold nothing but what was secure before.
 *
 * As a command, over the built packages: node test/conformance/dnssec-fuzz.mjs [--count 1000000] [--seed 1]
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readCorpus } from './dnssec-corpus.mjs'
import { judgeWorld } from './dnssec-world.mjs'

/** Of the processor's time: a machine may pause for any reason. */
const LONGEST_MS = 2_000

/** @returns {{ mutated: number, questions: number, verdicts: Record<string, number>, slowestMs: number, faults: string[] }} */
export async function fuzz({ count, seed, directory, packages, isOurs, report = () => {} }) {
  const random = mulberry32(seed)
  const { scored, disputed } = readCorpus(directory)
  const cases = [...scored, ...disputed]
  const answers = new Map()
  /** The records of the case as it is; of a forged case nobody knows, since a change may take the forgery out. */
  const genuineOf = async (one) => {
    if (!answers.has(one.id)) {
      const { security, answer } = await judgeWorld(one.world, packages)
      answers.set(one.id, security === 'secure' ? new Set(answer) : undefined)
    }
    return answers.get(one.id)
  }
  const result = { mutated: 0, questions: 0, verdicts: {}, slowestMs: 0, faults: [] }
  while (result.mutated < count) {
    const one = cases[Math.floor(random() * cases.length)]
    const messages = Object.values(one.world.responses)
    const tamperOctets = (octets) => {
      if (random() < 0.4) return octets
      result.mutated++
      return mutated(octets, random, () => Buffer.from(messages[Math.floor(random() * messages.length)], 'base64'))
    }
    const started = process.cpuUsage()
    const outcome = await outcomeOf(judgeWorld(one.world, packages, { tamperOctets }), isOurs)
    const { user, system } = process.cpuUsage(started)
    const tookMs = (user + system) / 1_000
    result.questions++
    result.slowestMs = Math.max(result.slowestMs, tookMs)
    result.verdicts[outcome.kind] = (result.verdicts[outcome.kind] ?? 0) + 1
    if (outcome.fault !== undefined) result.faults.push(`${one.id}: ${outcome.fault}`)
    if (tookMs > LONGEST_MS) result.faults.push(`${one.id}: took ${Math.round(tookMs)} ms`)
    if (outcome.kind === 'secure') {
      const genuine = await genuineOf(one)
      const added = outcome.answer.filter((line) => genuine !== undefined && !genuine.has(line))
      if (added.length > 0) result.faults.push(`${one.id}: secure although forged: ${added}`)
    }
    if (result.questions % 5_000 === 0) report(result)
  }
  return result
}

async function outcomeOf(verdict, isOurs) {
  try {
    const { security, answer } = await verdict
    return { kind: security, answer }
  } catch (error) {
    return isOurs(error) ? { kind: 'error' } : { kind: 'foreign error', fault: String(error?.stack ?? error) }
  }
}

/** One to four changes of a message. */
function mutated(octets, random, other) {
  let changed = Uint8Array.from(octets)
  for (let left = 1 + Math.floor(random() * 4); left > 0 && changed.length > 0; left--)
    changed = change(changed, random, other)
  return changed
}

function change(octets, random, other) {
  const at = Math.floor(random() * octets.length)
  switch (Math.floor(random() * 7)) {
    case 0:
      octets[at] ^= 1 << Math.floor(random() * 8)
      return octets
    case 1:
      octets[at] = Math.floor(random() * 256)
      return octets
    case 2:
      return octets.slice(0, at)
    case 3: {
      const length = Math.floor(random() * 32)
      return Uint8Array.from([...octets.slice(0, at), ...octets.slice(at + length)])
    }
    case 4: {
      const length = Math.floor(random() * 32)
      return Uint8Array.from([...octets.slice(0, at), ...octets.slice(at, at + length), ...octets.slice(at)])
    }
    case 5: {
      const foreign = other()
      const from = Math.floor(random() * foreign.length)
      octets.set(foreign.subarray(from, from + Math.min(48, octets.length - at)), at)
      return octets
    }
    default:
      // Counts of the header, which lead readers astray.
      octets[Math.min(octets.length - 1, 4 + Math.floor(random() * 8))] = Math.floor(random() * 8)
      return octets
  }
}

function mulberry32(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function main() {
  const option = (name, fallback) => {
    const index = process.argv.indexOf(`--${name}`)
    return index < 0 ? fallback : Number(process.argv[index + 1])
  }
  const [core, dns, dnssec] = await Promise.all(
    ['core/dist/index.js', 'dns/dist/index.js', 'dnssec/dist/index.js'].map(
      (path) => import(new URL(`../../packages/${path}`, import.meta.url)),
    ),
  )
  const packages = { ...core, readReply: dns.readReply, validated: dnssec.validated }
  const started = performance.now()
  const result = await fuzz({
    count: option('count', 1_000_000),
    seed: option('seed', 1),
    directory: fileURLToPath(new URL('../vectors/dnssec', import.meta.url)),
    packages,
    isOurs: core.isPortolanError,
    report: ({ mutated, questions, slowestMs }) =>
      console.log(`${mutated} mutated replies, ${questions} questions, slowest ${Math.round(slowestMs)} ms`),
  })
  console.log({ ...result, seed: option('seed', 1), minutes: ((performance.now() - started) / 60_000).toFixed(1) })
  if (result.faults.length > 0) process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
