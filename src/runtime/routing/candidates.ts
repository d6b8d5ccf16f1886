import type { PolicyWeights } from '../model/decision.js'
import type { Network, Requirement } from '../model/network.js'
import type { Conditions, NetworkCondition, RoutableEvent } from './conditions.js'
import { scoreOf } from './scoring.js'

/** A network that serves the requirement, with what speaks against it. */
export interface Assessed {
  readonly condition: NetworkCondition
  readonly score: number
  /** This event will never go there. */
  readonly impossible?: string
  /** It can't go there now, and can later. */
  readonly notNow?: string
}

/** Every network that serves the requirement, in the order of the conditions. */
export function assess(
  requirement: Requirement,
  event: RoutableEvent,
  context: { readonly conditions: Conditions; readonly weights: PolicyWeights },
): readonly Assessed[] {
  const { conditions, weights } = context
  return conditions.networks
    .filter((condition) => condition.requirements.includes(requirement))
    .map((condition) => {
      const impossible = whyImpossible(condition, event, conditions.now)
      const notNow = whyNotNow(condition, event)
      const score = scoreOf(condition.quote, weights)
      return { condition, score, ...(impossible === undefined ? {} : { impossible }), ...(notNow === undefined ? {} : { notNow }) }
    })
}

/** The best of those that can take it now, else of those that can later; the first of equals. */
export function best(assessed: readonly Assessed[]): Assessed | undefined {
  const possible = assessed.filter((one) => one.impossible === undefined)
  const ready = possible.filter((one) => one.notNow === undefined)
  return highest(ready.length > 0 ? ready : possible)
}

function highest(assessed: readonly Assessed[]): Assessed | undefined {
  return assessed.reduce<Assessed | undefined>((top, one) => (top === undefined || one.score > top.score ? one : top), undefined)
}

function whyImpossible({ network, maxEventBytes, quote }: NetworkCondition, event: RoutableEvent, now: number): string | undefined {
  if (event.bytes > maxEventBytes) return `${network} takes at most ${maxEventBytes} bytes and this event has ${event.bytes}`
  if (event.maxCost !== undefined && quote.cost > event.maxCost)
    return `${network} costs ${quote.cost} lamports and maxCost is ${event.maxCost}`
  if (event.deadline !== undefined && now + quote.latency > event.deadline) {
    return `${network} takes about ${Math.round(quote.latency)} ms and ${Math.max(0, event.deadline - now)} ms are left to the deadline`
  }
  return undefined
}

function whyNotNow({ network, connected, reason, quote, budget }: NetworkCondition, event: RoutableEvent): string | undefined {
  if (!connected) return notConnected(network, reason)
  if (quote.cost > budget.lamports)
    return `the budget of ${network} has ${budget.lamports} lamports left until midnight UTC and this costs ${quote.cost}`
  if (event.bytes > budget.bytes) return `the budget of ${network} has ${budget.bytes} bytes left and this event has ${event.bytes}`
  if (budget.requests < 1) return `${network} has had all requests that its budget allows in this second`
  return undefined
}

function notConnected(network: Network, reason: string | undefined): string {
  return reason === undefined ? `${network} is not connected` : `${network} is not connected (${reason.replace(/\.$/, '')})`
}
