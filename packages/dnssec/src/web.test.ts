/** The whole validator over WebCrypto, as it runs outside of Node. */
import { parseName } from '@portolan/core'
import { expect, it, vi } from 'vitest'
import { A, address, island, NS, nsec3, rrset, SOA, soa } from './signed-world.test.node.ts'
import { validated } from './validated.ts'

vi.mock('#crypto', () => import('./crypto.ts'))

it('proves an answer and a denial by NSEC3, and refuses forgeries', async () => {
  const { crypto } = await import('#crypto')
  expect(crypto.supports(16)).toBe(false)
  const { zone: example, world } = await island()
  const exchange = validated(world.exchange, world.options)
  const good = example.sign(rrset('www.example.', A, address(1)))
  world.put('www.example.', A, { answer: [good] })
  world.put('forged.example.', A, {
    answer: [{ ...rrset('forged.example.', A, address(6)), signatures: good.signatures }],
  })
  const proof = [
    await nsec3('example.', { zone: 'example.', match: true, types: [NS, SOA], iterations: 3 }),
    await nsec3('no.example.', { zone: 'example.', iterations: 3 }),
    await nsec3('*.example.', { zone: 'example.', iterations: 3 }),
    soa('example.'),
  ]
  world.put('no.example.', A, { rcode: 3, authority: proof.map((one) => example.sign(one)) })
  const ask = async (name: string) => (await exchange({ name: parseName(name), type: A })).proof?.security
  expect(await ask('www.example.')).toBe('secure')
  expect(await ask('no.example.')).toBe('secure')
  expect(await ask('forged.example.')).toBe('bogus')
})
