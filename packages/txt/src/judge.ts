/** From the answer to the TXT question to a fact: a hint is handed out only when all that it rests on is proved. */
import { type Answer, displayName, isPortolanError } from '@portolan/core'
import type { HintWithheld, TxtFact, WithheldReason } from './fact.ts'
import { isHint, parseHint } from './hint.ts'
import type { Txt } from './txt.ts'

/** What one TXT answer says, whatever the SRV answer beside it is worth. */
export function factOf(answer: Answer<Txt>): TxtFact {
  const { canonicalName: owner, proof, expiresAtMs, malformed } = answer
  const [hint, ...others] = answer.records.filter(isHint)
  // Proof first: of what is not proved not even the faults are worth a word.
  if (proof.security !== 'secure' && (hint !== undefined || malformed.length > 0)) {
    return withheld(proof.security, `TXT at ${displayName(owner)} is ${proof.security}: ${proof.detail}`)
  }
  if (others.length > 0) {
    return withheld('ambiguous', `${others.length + 1} hint records at ${displayName(owner)}, expected one`)
  }
  // One that can't be read may be the hint, or the second one.
  if (malformed.length > 0) return withheld('malformed', messageOf(malformed[0]))
  if (hint === undefined) return { status: 'absent', security: proof.security, expiresAtMs }
  try {
    const { mechanisms } = parseHint(hint)
    if (mechanisms === undefined) return { status: 'absent', security: proof.security, expiresAtMs }
    return { status: 'offered', mechanisms, owner, expiresAtMs }
  } catch (error) {
    if (!isPortolanError(error)) throw error
    return withheld('malformed', error.message)
  }
}

/** What no answer at all says. Rethrows what is not ours: the caller's abort reason. */
export function factOfFailure(error: unknown): HintWithheld {
  if (!isPortolanError(error)) throw error
  return withheld(error.code === 'dnssec/bogus' ? 'bogus' : 'lookup-failed', error.message)
}

/** A hint about brokers that nobody proved is a hint about whoever forged them. */
export function underSrv(fact: TxtFact, srvIsSecure: boolean): TxtFact {
  if (fact.status !== 'offered' || srvIsSecure) return fact
  return withheld('srv-not-secure', `TXT at ${displayName(fact.owner)} is secure, the SRV records there are not`)
}

function withheld(reason: WithheldReason, detail: string): HintWithheld {
  return { status: 'withheld', reason, detail }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
