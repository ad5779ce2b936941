/** Which zones are worth asking about beside a question, before anybody knows whether its answer needs them. */
import { type Name, parentOf, type Reply } from '@portolan/core'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'

export interface Speculator {
  /** The path of zones that is worth asking about beside the question; `undefined` where it is known or on its way. */
  pathOf(name: Name): Name | undefined
  learn(reply: Reply): void
}

const MAX_PATHS = 4_096

/** Once per zone path, and never for labels under an apex whose key has signed an answer: few of them are cuts, and the walk finds those. */
export function speculator(): Speculator {
  const signingApexes = new Set<Name>()
  const paths = new Set<Name>()
  return {
    pathOf(name) {
      const parent = parentOf(name)
      if (parent === undefined) return name
      for (let at: Name | undefined = name; at !== undefined; at = parentOf(at))
        if (signingApexes.has(at)) return undefined
      if (paths.has(parent)) return undefined
      if (paths.size >= MAX_PATHS) paths.clear()
      paths.add(parent)
      return parent
    },
    learn({ proof, query }) {
      if (proof?.security === 'secure' && !isChainType(query.type) && parentOf(proof.zone) !== undefined) {
        if (signingApexes.size >= MAX_PATHS) signingApexes.clear()
        signingApexes.add(proof.zone)
      }
    },
  }
}

/** The types that the chain itself is made of. */
export function isChainType(type: number): boolean {
  return type === DS.code || type === DNSKEY.code
}
