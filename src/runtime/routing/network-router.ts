import type { Candidate, Decision, Leg } from '../model/decision.js'
import { REQUIREMENTS } from '../model/network.js'
import type { Requirement } from '../model/network.js'
import { assess, best } from './candidates.js'
import type { Assessed } from './candidates.js'
import type { Conditions, RoutableEvent } from './conditions.js'
import { explain } from './explain.js'
import { weightsOf } from './policy.js'
import type { Policy } from './policy.js'

export type { Conditions, NetworkCondition, RoutableEvent } from './conditions.js'
export { DEFAULT_POLICY } from './policy.js'
export type { Policy } from './policy.js'

/**
 * Chooses a network for each thing that an event needs, and says why. Pure: the same values give the same decision.
 *
 * A network that can take the event now is preferred to one that can later; when there is only the latter, it is chosen and its delivery
 * queues. Where none ever can, the leg has no network.
 */
export function route(event: RoutableEvent, conditions: Conditions, policy: Policy): Decision {
  const weights = weightsOf(policy)
  const needs = REQUIREMENTS.filter((requirement) => event.needs.includes(requirement))
  const legs = needs.map((requirement): Leg => {
    const assessed = assess(requirement, event, { conditions, weights })
    const chosen = best(assessed)
    const reason = explain({ requirement, assessed, chosen, policy, after: waitsFor(requirement, needs) })
    const candidates = assessed.map((one) => candidateOf(one, chosen))
    return { requirement, ...(chosen === undefined ? {} : { network: chosen.condition.network }), candidates, reason }
  })
  return { policy, legs, at: conditions.now }
}

/** What must be met before that requirement is begun: content is stored before it is anchored. */
export function waitsFor(requirement: Requirement, needs: readonly Requirement[]): Requirement | undefined {
  return requirement === 'consensus' && needs.includes('storage') ? 'storage' : undefined
}

function candidateOf(one: Assessed, chosen: Assessed | undefined): Candidate {
  const { network, quote } = one.condition
  const ruledOut = one.impossible ?? (chosen?.notNow === undefined ? one.notNow : undefined)
  const { cost, latency, success } = quote
  return { network, cost, latency, success, ...(ruledOut === undefined ? { score: one.score } : { ruledOut }) }
}
