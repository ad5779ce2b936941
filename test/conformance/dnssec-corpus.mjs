/** Reads the DNSSEC vectors: each case as a world of its own. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

function lines(directory, file) {
  const text = readFileSync(join(directory, file), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** @returns {{ scored: object[], repaired: object[], disputed: object[] }} each with `id`, `tags`, `world` and what is expected */
export function readCorpus(directory) {
  const bases = new Map(lines(directory, 'base.jsonl').map((base) => [base.id, base]))
  const withWorld = (one) => ({ ...one, world: worldOf(one, bases) })
  return {
    scored: [...lines(directory, 'worlds.jsonl'), ...lines(directory, 'cases.jsonl')].map(withWorld),
    repaired: lines(directory, 'repaired.jsonl').map(withWorld),
    disputed: lines(directory, 'disputed.jsonl').map(withWorld),
  }
}

function worldOf(one, bases) {
  const { time, trustAnchors, question } = one
  if (one.responses !== undefined) return { time, trustAnchors, question, responses: one.responses }
  const base = bases.get(one.world)
  const responses = { ...base.responses }
  for (const [key, message] of Object.entries(one.overrides)) {
    if (message === null) delete responses[key]
    else responses[key] = message
  }
  return { time: time ?? base.time, trustAnchors: trustAnchors ?? base.trustAnchors, question, responses }
}
