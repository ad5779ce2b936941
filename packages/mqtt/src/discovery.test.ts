import { expect, it } from 'vitest'
import { type Discover, startDiscovery } from './discovery.ts'
import { rejection } from './testing/harness.ts'
import { candidate, discovering, planOf } from './testing/plan.ts'

const never = new AbortController().signal
const b1 = candidate({ host: 'b1.fleet.test' })
const b2 = candidate({ host: 'b2.fleet.test' })

it('gives the candidates in order, then the plan', async () => {
  const plan = planOf([b1, b2])
  const steps = startDiscovery(discovering([b1, b2], plan))
  expect(await steps.next(never)).toEqual({ done: false, candidate: b1 })
  expect(await steps.next(never)).toEqual({ done: false, candidate: b2 })
  expect(await steps.next(never)).toEqual({ done: true, plan })
})

it('does not lose a candidate whose step was abandoned', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const discover: Discover = async function* () {
    await held
    yield b1
    yield b2
    return planOf([b1, b2])
  }
  const steps = startDiscovery(discover)
  const impatient = new AbortController()
  const abandoned = steps.next(impatient.signal)
  impatient.abort('no longer')
  await expect(abandoned).rejects.toBe('no longer')
  release()
  expect(await steps.next(never)).toEqual({ done: false, candidate: b1 })
  expect(await steps.next(never)).toEqual({ done: false, candidate: b2 })
})

it('begins nothing before the first step', () => {
  const discover = discovering([b1])
  startDiscovery(discover).stop()
  expect(discover.begun).toBe(0)
})

it('stopped: aborts the questions that are out, and ends a generator that waits', async () => {
  const ends: string[] = []
  const discover: Discover = async function* ({ signal }) {
    signal.addEventListener('abort', () => ends.push('aborted'))
    try {
      yield b1
    } finally {
      ends.push('returned')
    }
    return planOf([b1])
  }
  const steps = startDiscovery(discover)
  await steps.next(never)
  steps.stop()
  await new Promise(setImmediate)
  expect(ends).toEqual(['aborted', 'returned'])
})

it('hands on what discovery throws, also where it is no generator at all', async () => {
  const error = new Error('broken')
  const discover = () => {
    throw error
  }
  expect(await rejection(startDiscovery(discover).next(never))).toBe(error)
})
