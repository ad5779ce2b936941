import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { framed, frameReader } from './frames.ts'
import { joined } from './rdata.ts'

describe('frames (RFC 1035 §4.2.2)', () => {
  it('gives back the messages however the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (sent, cuts) => {
        const stream = joined(sent.map(framed))
        const reader = frameReader()
        const received: Uint8Array[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          received.push(...reader.push(stream.subarray(at, at + length)))
          at += length
        }
        expect(received).toEqual(sent)
        expect(reader.pendingOctets).toBe(0)
      }),
    )
  })

  it('knows how far into a message the stream ended', () => {
    const reader = frameReader()
    expect(reader.push(Uint8Array.of(0))).toEqual([])
    expect(reader.push(Uint8Array.of(9, 1, 2))).toEqual([])
    expect(reader.pendingOctets).toBe(4)
  })

  it('reads the largest message octet by octet', () => {
    const largest = new Uint8Array(65_535).fill(7)
    const reader = frameReader()
    const received = Array.from(framed(largest), (octet) => reader.push(Uint8Array.of(octet))).flat()
    expect(received).toEqual([largest])
  })
})
