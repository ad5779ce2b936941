/** Trust anchors as people write them, and the two that are built in. */
import { existsSync, readFileSync } from 'node:fs'
import { parseName } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { parseTrustAnchors, ROOT_ANCHORS } from './anchors.ts'
import { keyTag } from './records/dnskey.ts'

describe('trust anchors', () => {
  it('holds both root KSKs', () => {
    const root = [...parseTrustAnchors(ROOT_ANCHORS).values()]
    expect(root.flatMap(({ zone, ds }) => ds.map((one) => [zone, one.keyTag, one.digest.length]))).toEqual([
      ['.', 20326, 32],
      ['.', 38696, 32],
    ])
  })

  const packaged = '/usr/share/dns/root.ds'
  it.runIf(existsSync(packaged))("says the same as Debian's dns-root-data", () => {
    const ours = parseTrustAnchors(ROOT_ANCHORS)
    expect(ours).toEqual(parseTrustAnchors(readFileSync(packaged, 'utf8').split('\n')))
  })

  it('reads DS and DNSKEY lines with and without TTL, class and comment, in several pieces', () => {
    const lines = [
      'example. 3600 IN DS 7 8 2 00 FF',
      'EXAMPLE DS 8 13 4 aabb ; of the new key',
      'other. IN 60 DNSKEY 257 3 15 AAEC AwQF ; key',
      '; nothing',
      '',
    ]
    const anchors = parseTrustAnchors([lines.join('\n')])
    expect([...anchors.keys()]).toEqual(['example.', 'other.'])
    const [example, other] = [...anchors.values()]
    expect(example?.ds.map(({ keyTag: tag, digest }) => [tag, [...digest]])).toEqual([
      [7, [0, 255]],
      [8, [0xaa, 0xbb]],
    ])
    const [dnskey] = other?.dnskeys ?? []
    expect([...(dnskey ?? [])]).toEqual([1, 1, 3, 15, 0, 1, 2, 3, 4, 5])
    expect(keyTag(dnskey ?? new Uint8Array())).toBeGreaterThan(0)
  })

  it('refuses an anchor that trusts nothing', () => {
    const nothing = { zone: parseName('example'), ds: [], dnskeys: [] }
    expect(() => parseTrustAnchors([nothing])).toThrow('the anchor of example. has neither a DS nor a DNSKEY')
  })

  it.each(['example. IN A 192.0.2.1', 'DS 1 2 3 00', 'example. IN DNSKEY 257 3 15 ?', 'a..b. IN DS 7 8 2 00'])(
    'refuses %j',
    (line) => {
      expect(() => parseTrustAnchors([line])).toThrow(
        expect.objectContaining({ code: 'core/invalid-option', option: 'trustAnchors' }),
      )
    },
  )
})
