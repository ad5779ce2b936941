/** Measures how long the event loop is held, run after run (started by event-loop.mjs). */
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { validated } from '@portolan/dnssec'
import { composeLookup, discover } from 'portolan'
import { ALGORITHMS, signedAnswers } from './signed-answers.mjs'

const QUESTIONS_PER_TARGET = 4
/** Targets and questions that a discovery has under way. */
const TARGETS_AT_A_TIME = 39
const QUESTIONS_AT_A_TIME = TARGETS_AT_A_TIME * QUESTIONS_PER_TARGET

const { way, count, targets, delayed, trustAnchors } = JSON.parse(process.argv[2])
const work = {
  discovery: () => discoverAll,
  bare: () => askBare,
  validator: () => validator(QUESTIONS_AT_A_TIME),
  burst: () => validator(Infinity),
}[way]()
const measured = []
for (let i = 0; i < count; i++) measured.push(await held(work))
process.send(measured)

async function discoverAll() {
  const lookup = composeLookup({ servers: [delayed], trustAnchors })
  const near = { latitude: 52.37, longitude: 4.9 }
  const { candidates } = await discover(`s${targets}.test`, { near, dane: 'report', lookup })
  if (candidates.length !== targets) throw new Error(`${candidates.length} candidates`)
  return lookup.close
}

/**
 * The same questions about the targets, as many at a time, with node:dgram and dns-packet alone: nothing is proved, put in
 * order or asked again. What any client on this machine has to bear.
 */
async function askBare() {
  const packet = createRequire(import.meta.resolve('@portolan/dns'))('dns-packet')
  const socket = createSocket('udp4')
  const waiting = new Map()
  const kept = []
  await new Promise((done) => socket.connect(delayed.port, delayed.host, done))
  socket.setRecvBufferSize(1 << 20)
  socket.on('message', (octets) => {
    const reply = packet.decode(octets)
    waiting.get(reply.id)?.(reply)
  })
  let nextId = 0
  const ask = (name, type) => {
    const id = nextId++
    const edns = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: packet.DNSSEC_OK, options: [] }
    const flags = packet.RECURSION_DESIRED | packet.CHECKING_DISABLED
    socket.send(packet.encode({ id, type: 'query', flags, questions: [{ name, type }], additionals: [edns] }))
    return new Promise((done) => waiting.set(id, done))
  }
  const hosts = Array.from({ length: targets }, (_, i) => `b${i}.s${targets}.test`).values()
  const inTurn = async () => {
    for (const host of hosts) {
      const about = [ask(host, 'A'), ask(host, 'AAAA'), ask(host, 'UNKNOWN_29'), ask(`_8883._tcp.${host}`, 'TLSA')]
      kept.push(...(await Promise.all(about)))
    }
  }
  await Promise.all(Array.from({ length: TARGETS_AT_A_TIME }, inTurn))
  if (kept.some(({ answers }) => answers.length === 0)) throw new Error('a question was not answered')
  return () => socket.close()
}

/** As many P-256 answers from memory, at once: what the validator holds the event loop for when no network spreads them. */
function validator(atATime) {
  const [p256] = ALGORITHMS
  const { answers, exchange, options } = signedAnswers(p256, targets * QUESTIONS_PER_TARGET)
  // What was made for the measurement is not to be copied within it; sweeping is left to the next collection, here the second.
  globalThis.gc()
  globalThis.gc({ type: 'minor' })
  return async () => {
    const ask = validated(exchange, options)
    const questions = answers.values()
    const inTurn = async () => {
      for (const { query } of questions) {
        const { proof } = await ask(query)
        if (proof.security !== 'secure') throw new Error(`not secure: ${JSON.stringify(proof)}`)
      }
    }
    await Promise.all(Array.from({ length: Math.min(atATime, answers.length) }, inTurn))
    return () => {}
  }
}

/** How far apart ticks of a millisecond are, beyond that millisecond; and the same without what the thread waited for a processor. */
async function held(work) {
  const heldMs = []
  const workingMs = []
  let last = { atMs: performance.now(), waitedMs: waitedMs() }
  const tick = () => {
    const now = { atMs: performance.now(), waitedMs: waitedMs() }
    const lateMs = Math.max(0, now.atMs - last.atMs - 1)
    heldMs.push(lateMs)
    if (now.waitedMs !== undefined) workingMs.push(Math.max(0, lateMs - (now.waitedMs - last.waitedMs)))
    last = now
    timer = setTimeout(tick, 1)
  }
  let timer = setTimeout(tick, 1)
  const close = await work()
  // The last turn is measured by the tick after it.
  await new Promise((resolve) => setTimeout(resolve, 20))
  clearTimeout(timer)
  close()
  return { heldMs, workingMs }
}

/**
 * How long the main thread was ready to run and had no processor; `undefined` where the system does not say. (The time that
 * it did run, beside it, is counted in steps of 4 ms.)
 */
function waitedMs() {
  try {
    const [, nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return undefined
  }
}
