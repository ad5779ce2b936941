/** Steps of the tour: each runs, prints what came of it, and is remembered where that is not what it should be. */

const mark =
  process.stdout.isTTY && !process.env.NO_COLOR
    ? { good: '\x1b[32m✓\x1b[0m', bad: '\x1b[31m✗\x1b[0m' }
    : { good: '✓', bad: '✗' }

let failures = 0

/** @param {string} text */
export function heading(text) {
  console.log(`\n${text}`)
}

/**
 * Runs one step. It returns what to print; throwing, or `expect`ing in vain, is a failure of the tour.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} run
 * @returns {Promise<T | undefined>}
 */
export async function step(title, run) {
  try {
    const outcome = await run()
    console.log(`  ${mark.good} ${title}: ${outcome}`)
    return outcome
  } catch (error) {
    failures++
    console.log(`  ${mark.bad} ${title}: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

/**
 * @param {boolean} holds
 * @param {string} otherwise what to say where it does not
 */
export function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise)
}

/**
 * What a promise rejects with; that it resolves is the failure.
 * @param {Promise<unknown>} promise
 * @param {string} otherwise
 * @returns {Promise<any>}
 */
export async function refusal(promise, otherwise) {
  const outcome = await promise.then(
    () => undefined,
    (error) => error,
  )
  expect(outcome !== undefined, otherwise)
  return outcome
}

/** Ends the tour: the last line, and the exit status. */
export function closing() {
  const seconds = (performance.now() / 1000).toFixed(1)
  console.log(failures === 0 ? `\nAll of it happened, in ${seconds} s.` : `\n${failures} of it did not happen.`)
  if (failures > 0) process.exitCode = 1
}
