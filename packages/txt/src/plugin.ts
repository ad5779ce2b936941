/** The plugin `txt`: which SASL mechanisms the operator of a service says its brokers accept. */
import type { Plugin } from '@portolan/core'
import type { TxtFact } from './fact.ts'
import { factOf, factOfFailure, underSrv } from './judge.ts'
import { TXT } from './txt.ts'

/** For a caller that is not core and skips `inspectService`. */
const NOT_INSPECTED: TxtFact = { status: 'withheld', reason: 'lookup-failed', detail: 'nobody asked for TXT' }

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
      const fact = (await serviceFact) ?? NOT_INSPECTED
      return underSrv(fact, service.proof.security === 'secure')
    },
  }
}
