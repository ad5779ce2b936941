import { expect, it } from 'vitest'
import { race } from './race.ts'
import { fakeClock } from './testing/fake-clock.ts'

interface Entry {
  readonly name: string
  readonly cancelled: AbortSignal
  win(): Promise<void>
  lose(): Promise<void>
}

/** A race whose attempts end when the test says so. */
function start(names: readonly string[], signal = new AbortController().signal) {
  const clock = fakeClock()
  const entries: Entry[] = []
  const discarded: string[] = []
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const attempt = (name: string, cancelled: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const settle = (run: () => void) => async () => {
        run()
        await turn()
      }
      entries.push({ name, cancelled, win: settle(() => resolve(name)), lose: settle(() => reject(`${name} lost`)) })
    })
  const result = race<string, string, string>(names, attempt, (value) => discarded.push(value), {
    clock,
    delayMs: 250,
    signal,
  })
  const entry = (index: number) => entries[index] as Entry
  return { clock, result, entries, entry, discarded, started: () => entries.map(({ name }) => name) }
}

it('starts one attempt each Connection Attempt Delay (RFC 8305 §5)', () => {
  const { clock, started } = start(['a', 'b', 'c'])
  expect(started()).toEqual(['a'])
  clock.pass(249)
  expect(started()).toEqual(['a'])
  clock.pass(1)
  expect(started()).toEqual(['a', 'b'])
  clock.pass(250)
  expect(started()).toEqual(['a', 'b', 'c'])
  clock.pass(10_000)
  expect(clock.waiting).toBe(0)
})

it('ends with the first success, cancels the others and starts no more', async () => {
  const { clock, result, entry, started } = start(['a', 'b', 'c'])
  clock.pass(250)
  await entry(1).win()
  expect(await result).toEqual({ won: true, value: 'b', failures: [] })
  expect(entry(0).cancelled.aborted).toBe(true)
  clock.pass(10_000)
  expect(started()).toEqual(['a', 'b'])
})

it('hands a late second success to be thrown away', async () => {
  const { clock, entry, discarded } = start(['a', 'b'])
  clock.pass(250)
  await entry(0).win()
  await entry(1).win()
  expect(discarded).toEqual(['b'])
})

it('goes on sooner after a failure, yet never within 10 ms of the last start (RFC 8305 §5)', async () => {
  const { clock, entry, started } = start(['a', 'b'])
  await entry(0).lose()
  clock.pass(9)
  expect(started()).toEqual(['a'])
  clock.pass(1)
  expect(started()).toEqual(['a', 'b'])
})

it('is lost when all have failed, each with its reason', async () => {
  const { clock, result, entry } = start(['a', 'b'])
  clock.pass(250)
  await entry(1).lose()
  await entry(0).lose()
  expect(await result).toEqual({ won: false, failures: ['b lost', 'a lost'] })
})

it('without entrants is lost at once', async () => {
  expect(await start([]).result).toEqual({ won: false, failures: [] })
})

it('rejects with the reason of the signal and cancels what runs', async () => {
  const stop = new AbortController()
  const { clock, result, entry } = start(['a', 'b'], stop.signal)
  stop.abort('enough')
  await expect(result).rejects.toBe('enough')
  expect(entry(0).cancelled.aborted).toBe(true)
  expect(clock.waiting).toBe(0)
  await expect(start(['a'], stop.signal).result).rejects.toBe('enough')
})
