import type { Requirement } from '../model/network.js'
import type { Assessed } from './candidates.js'
import type { Policy } from './policy.js'
import { nameOf } from './policy.js'

export interface Choice {
  readonly requirement: Requirement
  readonly assessed: readonly Assessed[]
  readonly chosen: Assessed | undefined
  readonly policy: Policy
  /** A requirement of the same event that has to be met first. */
  readonly after: Requirement | undefined
}

/** One sentence that says why a leg is as it is. */
export function explain(choice: Choice): string {
  const { after } = choice
  const order = after === undefined ? '' : `; it waits for ${after}, so that nothing is anchored before its content is stored`
  return `${capitalise(because(choice))}${order}.`
}

function because({ requirement, assessed, chosen, policy }: Choice): string {
  if (chosen === undefined) return whyNone(requirement, assessed)
  const name = chosen.condition.network
  const rivals = assessed.filter((one) => one !== chosen)
  const why =
    rivals.length === 0
      ? `${name} is the only network that serves ${requirement}`
      : `${name} serves ${requirement} ${comparison(chosen, rivals, policy)}`
  return chosen.notNow === undefined ? why : `${why}; ${chosen.notNow}, so the delivery queues`
}

function comparison(chosen: Assessed, rivals: readonly Assessed[], policy: Policy): string {
  const compared = rivals.filter((one) => one.impossible === undefined && (one.notNow === undefined || chosen.notNow !== undefined))
  if (compared.length === 0) return `and the others are ruled out`
  const others = compared.map((one) => one.condition.network).join(' and ')
  return `better than ${others} under the policy '${nameOf(policy)}'${advantage(chosen, compared)}`
}

function advantage(chosen: Assessed, rivals: readonly Assessed[]): string {
  const { quote } = chosen.condition
  const quotes = rivals.map((one) => one.condition.quote)
  const points = [
    ...(quotes.every((other) => quote.cost < other.cost) ? ['cheapest'] : []),
    ...(quotes.every((other) => quote.latency < other.latency) ? ['fastest'] : []),
    ...(quotes.every((other) => quote.success > other.success) ? ['most reliable'] : []),
  ]
  return points.length === 0 ? '' : ` (${points.join(', ')})`
}

function whyNone(requirement: Requirement, assessed: readonly Assessed[]): string {
  const reasons = assessed.flatMap((one) => one.impossible ?? [])
  return reasons.length === 0
    ? `no network that is known here serves ${requirement}`
    : `no network can serve ${requirement}: ${reasons.join('; ')}`
}

function capitalise(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
