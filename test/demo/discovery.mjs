/** The first half of the tour: who is found from where, how weights fall, what is refused. */
import { A, displayName, parseName, SRV } from '@portolan/core'
import { discover } from 'portolan'
import { expect, heading, refusal, step } from './steps.mjs'

const PLACES = [
  { city: 'Berlin', near: { latitude: 52.52, longitude: 13.405 }, first: 'frankfurt.fleet.test.' },
  { city: 'Tokyo', near: { latitude: 35.68, longitude: 139.69 }, first: 'singapore.fleet.test.' },
]
const DRAWS = 1000

/**
 * @param {import('@portolan/testbed').Testbed} testbed
 * @param {import('@portolan/testbed').Fleet} fleet
 * @param {() => import('portolan').ClosableLookup} fresh a lookup that remembers nothing yet
 */
export async function tourOfDiscovery(testbed, fleet, fresh) {
  const service = `_secure-mqtt._tcp.${fleet.domain}`
  /** @param {string} domain */
  const find = async (domain, options = {}) => {
    const lookup = fresh()
    return discover(domain, { lookup, ...options }).finally(() => lookup.close())
  }

  heading('Nearest first, by LOC records; where the client is never leaves it')
  for (const { city, near, first } of PLACES) {
    await step(`A client in ${city}`, async () => {
      const { candidates } = await find(fleet.domain, { near })
      const [nearest] = candidates
      expect(nearest?.target.host === first, `${nearest?.target.host} came first, not ${first}`)
      const list = candidates.map(({ target, facts }) => `${displayName(target.host)} ${kilometres(facts.loc)}`)
      return `${list.join(', then ')}; ${nearest?.target.service.proof.security}`
    })
  }

  heading('Weights share the load where no position is given (RFC 2782)')
  await step(`First places of ${DRAWS} draws`, async () => {
    const lookup = fresh()
    /** @type {Map<string, number>} */
    const firsts = new Map()
    for (let n = 0; n < DRAWS; n++) {
      const [first] = await discover(fleet.domain, { lookup })
      firsts.set(String(first?.target.host), (firsts.get(String(first?.target.host)) ?? 0) + 1)
    }
    lookup.close()
    const { candidates } = await find(fleet.domain)
    const weights = candidates.reduce((sum, { target }) => sum + target.weight, 0)
    const shares = candidates.map(({ target: { host, weight } }) => {
      const [share, expected] = [firsts.get(host) ?? 0, (DRAWS * weight) / weights]
      // Five standard deviations of a binomial distribution.
      const tolerance = 5 * Math.sqrt(expected * (1 - weight / weights))
      expect(Math.abs(share - expected) < tolerance, `${host} ${share} times, expected ${expected}`)
      return { text: `${displayName(host)} ${share} (weight ${weight})`, weight }
    })
    return shares
      .sort((a, b) => b.weight - a.weight)
      .map(({ text }) => text)
      .join(', ')
  })

  heading('What cannot be proved is refused, and says why')
  await step('A forged SRV record', async () => {
    const undo = testbed.forge(service, SRV, (srv) => ({ ...srv, target: parseName('evil.test') }))
    const error = await refusal(find(fleet.domain), 'was believed').finally(undo)
    expect(error.code === 'core/service-bogus', error.message)
    return `${error.code}, ${reasonOf(error)}`
  })
  await step('A stripped signature', async () => {
    const undo = testbed.strip({ owner: service })
    const error = await refusal(find(fleet.domain), 'was taken for an unsigned zone').finally(undo)
    expect(error.code === 'core/service-bogus', error.message)
    return `${error.code}, ${reasonOf(error)}`
  })
  await step('A forged address of one broker strikes out that broker alone', async () => {
    const undo = testbed.forge('frankfurt.fleet.test', A, () => '127.0.0.66')
    const plan = await find(fleet.domain).finally(undo)
    const [out] = plan.vetoed
    expect(out?.code === 'core/address-bogus' && plan.candidates.length === 2, 'it was believed')
    return `${out && displayName(out.target.host)} (${out?.code}), ${plan.candidates.length} remain`
  })

  heading('Hints how to log in count only where they are signed')
  await step('From the signed zone', async () => {
    const [first] = await find(fleet.domain)
    const hint = first?.facts.txt
    expect(hint?.status === 'offered', `${hint?.status}`)
    return hint?.status === 'offered' ? hint.mechanisms.join(', ') : ''
  })
  await step('The same record in an unsigned zone', async () => {
    const [first] = await find(fleet.unsignedDomain)
    const hint = first?.facts.txt
    expect(hint?.status === 'withheld', `${hint?.status}`)
    return hint?.status === 'withheld' ? `withheld, ${hint.reason}` : ''
  })
}

/** @param {import('@portolan/loc').LocFact | undefined} fact */
function kilometres(fact) {
  return fact?.status === 'located' ? `(${Math.round(fact.distanceMetres / 1000)} km)` : '(place unknown)'
}

/** @param {{ cause?: { proof?: { reason: string, detail: string } } }} error */
function reasonOf({ cause }) {
  return cause?.proof === undefined ? 'without a reason' : `${cause.proof.reason}: ${cause.proof.detail}`
}
