import { describe, expect, it, vi } from 'vitest'
import { abortable, onAbort } from './abort.ts'

describe('onAbort', () => {
  it('hangs one listener on the signal for any number of ours, and takes it off with the last', () => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const stops = Array.from({ length: 1_000 }, () => onAbort(signal, () => {}))
    expect(add).toHaveBeenCalledTimes(1)
    for (const stop of stops.slice(1)) stop()
    expect(remove).not.toHaveBeenCalled()
    stops[0]?.()
    expect(remove).toHaveBeenCalledTimes(1)
    onAbort(signal, () => {})
    expect(add).toHaveBeenCalledTimes(2)
  })

  it('calls those that still listen, once', () => {
    const controller = new AbortController()
    const calls: string[] = []
    onAbort(controller.signal, () => calls.push('stays'))
    onAbort(controller.signal, () => calls.push('leaves'))()
    controller.abort()
    controller.abort()
    expect(calls).toEqual(['stays'])
  })
})

describe('abortable', () => {
  it('settles as the promise does', async () => {
    await expect(abortable(Promise.resolve(1), undefined)).resolves.toBe(1)
    await expect(abortable(Promise.resolve(1), new AbortController().signal)).resolves.toBe(1)
    await expect(abortable(Promise.reject(new Error('no')), new AbortController().signal)).rejects.toThrow('no')
  })

  it('rejects with the reason, even for what never settles', async () => {
    const controller = new AbortController()
    const waiting = abortable(new Promise(() => {}), controller.signal)
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(abortable(new Promise(() => {}), controller.signal)).rejects.toBe('enough')
  })
})
