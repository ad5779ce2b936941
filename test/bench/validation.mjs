/**
 * Validated RRsets per second through the whole validator (fields, canonical form, verification, verdict), beside node:crypto's
 * bare verify of the same signatures with a ready key, in turns within one run.
 */
import { verify } from 'node:crypto'
import { validated } from '@portolan/dnssec'
import { median } from './median.mjs'
import { ALGORITHMS, signedAnswers } from './signed-answers.mjs'

const RRSETS = 1_000
const ROUNDS = 15
/** Judged at a time, as a discovery of 25 targets does. */
const CONCURRENT = 100

export async function printValidation() {
  console.log(
    `Validation: ${RRSETS} RRsets of one A record, signatures of ECDSA and EdDSA on Node's threads, median of ${ROUNDS} turns`,
  )
  for (const algorithm of ALGORITHMS) {
    const { bare, whole } = await measure(algorithm)
    const perSecond = (ms) => Math.round((RRSETS / ms) * 1_000).toLocaleString('en')
    console.log(
      `  ${algorithm.label.padEnd(9)} validator ${perSecond(whole).padStart(7)}/s   node:crypto verify ${perSecond(bare).padStart(7)}/s   ratio ${(bare / whole).toFixed(2)}`,
    )
  }
}

async function measure(algorithm) {
  const { hash, number } = algorithm
  const { answers, exchange, options: validating, publicKey } = signedAnswers(algorithm, RRSETS)
  const ask = validated(exchange, validating)
  const options = number === 13 ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey
  const bareTurn = () => {
    for (const { checks } of answers) if (!verify(hash, checks.data, options, checks.signature)) throw new Error('bare')
  }
  const wholeTurn = async () => {
    for (let i = 0; i < RRSETS; i += CONCURRENT) {
      const judged = await Promise.all(answers.slice(i, i + CONCURRENT).map(({ query }) => ask(query)))
      const wrong = judged.find(({ proof }) => proof.security !== 'secure')
      if (wrong !== undefined) throw new Error(`not secure: ${JSON.stringify(wrong.proof)}`)
    }
  }
  const bare = []
  const whole = []
  for (let turn = -3; turn < ROUNDS; turn++) {
    const bareMs = await timed(bareTurn)
    const wholeMs = await timed(wholeTurn)
    if (turn < 0) continue // the first turns warm up
    bare.push(bareMs)
    whole.push(wholeMs)
  }
  return { bare: median(bare), whole: median(whole) }
}

async function timed(work) {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}
