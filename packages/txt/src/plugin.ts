/** The plugin `txt`: which SASL mechanisms the operator of a service says its brokers accept. */
import type { Plugin } from '@portolan/core'
import type { TxtFact } from './fact.ts'
import { factOf, factOfFailure, underSrv } from './judge.ts'
import { TXT } from './txt.ts'

/**
 * Asks for TXT at the service name, once for all targets. A hint is handed out only where the TXT and the SRV records are
 * secure; otherwise the fact says `withheld` and why. It never strikes a target out and has no say in the order.
 */
export function txt(): Plugin<'txt', TxtFact, TxtFact> {
  return {
    name: 'txt',
    async inspectService({ name }, { lookup, signal }) {
      return await lookup(name, TXT, { signal }).then(factOf, factOfFailure)
    },
    async inspect({ service }, serviceFact) {
      const fact = await serviceFact
      if (fact === undefined) throw new TypeError('inspectService was not asked') // core always does
      return underSrv(fact, service.proof.security === 'secure')
    },
  }
}
