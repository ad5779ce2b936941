import type { PeerVerdict, Plugin } from '@portolan/core'
import { describe, expect, it } from 'vitest'
import { candidate } from './testing/plan.ts'
import { judge, type PkixFinding } from './verdict.ts'

const peer = { chainAsSent: [Uint8Array.of(1)], resumed: false, serverName: 'b1.fleet.test' }
const plugin = (name: string, verdict?: PeerVerdict): Plugin => ({
  name,
  inspect: async () => undefined,
  ...(verdict === undefined ? {} : { checkPeer: () => verdict }),
})
const accept = plugin('accepts', { decision: 'accept', matchDepth: 0, detail: 'matched' })
const defer = plugin('defers', { decision: 'defer-to-pkix', matchDepth: null, detail: 'no say' })
const refuse = plugin('refuses', { decision: 'refuse', code: 'dane/no-match', detail: 'no TLSA matches' })
const silent = plugin('silent')
const broken: Plugin = {
  ...silent,
  name: 'broken',
  checkPeer: () => {
    throw new TypeError('a bug')
  },
}

const good: PkixFinding = { pathError: undefined, matches: () => true, subjectAltName: 'DNS:fleet.test' }
const noPath: PkixFinding = { ...good, pathError: 'DEPTH_ZERO_SELF_SIGNED_CERT' }
const noName: PkixFinding = { ...good, matches: () => false }

type Row = [string, 'dane' | 'pkix' | 'refuse', readonly Plugin[], PkixFinding, string]
const rows: readonly Row[] = [
  ['one acceptance is enough', 'dane', [accept], noPath, 'accepted by accepts'],
  ['beside those who defer', 'dane', [defer, silent, accept], noPath, 'accepted by accepts'],
  ['one refusal is final, before', 'dane', [refuse, accept], good, 'dane/no-match'],
  ['and after an acceptance', 'dane', [accept, refuse], good, 'dane/no-match'],
  ['also where PKIX would accept', 'pkix', [refuse], good, 'dane/no-match'],
  ['DANE that nobody accepts is a refusal', 'dane', [defer], good, 'mqtt/nobody-accepted'],
  ['without plugins too', 'dane', [], good, 'mqtt/nobody-accepted'],
  ['PKIX decides where all defer', 'pkix', [defer, silent], good, 'accepted by pkix'],
  ['and refuses without a path', 'pkix', [defer], noPath, 'mqtt/untrusted-certificate'],
  ['and another name', 'pkix', [], noName, 'mqtt/name-mismatch'],
  ['a plugin that breaks has refused', 'pkix', [broken, accept], good, 'mqtt/check-failed'],
  ['nobody may accept where DNS left nobody', 'refuse', [accept], good, 'mqtt/nobody-may-prove'],
]

describe('judge', () => {
  it.each(rows)('%s', (_, requirement, plugins, pkix, expected) => {
    const judgement = judge(peer, candidate({ requirement }), plugins, pkix)
    expect(judgement.accepted ? `accepted by ${judgement.by}` : judgement.code).toBe(expected)
  })

  it('refuses a server without certificate before anybody is asked', () => {
    const judgement = judge({ ...peer, chainAsSent: [] }, candidate({ requirement: 'dane' }), [accept], good)
    expect(judgement).toMatchObject({ accepted: false, code: 'mqtt/no-certificate' })
  })

  it('gives each plugin its own fact', () => {
    const seen: unknown[] = []
    const curious: Plugin = {
      name: 'curious',
      inspect: async () => undefined,
      checkPeer: (_peer, _candidate, fact) => {
        seen.push(fact)
        return { decision: 'defer-to-pkix', matchDepth: null, detail: '' }
      },
    }
    judge(peer, candidate({ facts: { curious: 'its own', other: 'not its own' } }), [curious], good)
    expect(seen).toEqual(['its own'])
  })
})
