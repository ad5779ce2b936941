import { createRequire } from 'node:module'
import { parseName } from '@portolan/core'
import { fakeLookup } from '@portolan/core/testing'
import { expect, it } from 'vitest'

const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('asn1')).length

it('neither importing the plugin nor its questions load the certificate reader; the fields of a certificate do', async () => {
  const { dane } = await import('./index.ts')
  const plugin = dane({ mode: 'report' })
  expect(loaded()).toBe(0)
  const proof = { security: 'insecure' as const, reason: 'no-ds', detail: '', chain: [] }
  const name = parseName('fleet.test')
  const service = { domain: name, name, transport: 'tcp' as const, tls: true, proof, fallback: false }
  const addresses = () => Promise.reject(new Error('not asked for'))
  const target = { service, priority: 0, weight: 0, port: 8883, host: name, addresses }
  await plugin.inspect(target, Promise.resolve(undefined), { lookup: fakeLookup({}), now: () => 0, random: () => 0 })
  expect(loaded()).toBe(0)
  const { asn1 } = await import('./asn1.node.ts')
  asn1()
  expect(loaded()).toBeGreaterThan(0)
})
