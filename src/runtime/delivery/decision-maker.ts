import type { Leg } from '../model/decision.js'
import type { Network } from '../model/network.js'
import type { NetworkProvider } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { ResourceManager } from '../resources/resource-manager.js'
import { DEFAULT_POLICY, route, waitsFor } from '../routing/network-router.js'
import type { Conditions, NetworkCondition, Policy, RoutableEvent } from '../routing/network-router.js'
import type { StoreChange } from '../storage/store.js'
import type { DecisionBook } from './decision-book.js'

export interface DecisionParts {
  readonly platform: Platform
  readonly providers: readonly NetworkProvider[]
  readonly resources: ResourceManager
  readonly book: DecisionBook
}

/** What a decision means for the deliveries of an event. */
export interface Plan {
  readonly decision: number
  readonly legs: readonly Leg[]
  /** The event stays on this device. */
  readonly localOnly: boolean
  /** To be sent at once. */
  readonly first: readonly Network[]
  /** To be sent when another leg is done. */
  readonly later: readonly Network[]
}

/** Conditions are looked at anew after so many milliseconds, and whenever a network's status changes. */
const FRESH_FOR = 1_000
const MAX_PLANS = 256

/** Routes events as fast as they are logged: those that look alike to the router share one decision as long as the conditions hold. */
export class DecisionMaker {
  readonly #parts: DecisionParts
  readonly #plans = new Map<string, Plan>()
  #dueAt = 0
  #policy: Policy = DEFAULT_POLICY

  constructor(parts: DecisionParts) {
    this.#parts = parts
  }

  /** The plan for an event; a decision that is new is written with the transaction. */
  plan(event: RoutableEvent, changes: StoreChange[]): Plan {
    const now = this.#parts.platform.now()
    if (now >= this.#dueAt) this.refresh(now)
    const key = this.#keyOf(event)
    const known = key === undefined ? undefined : this.#plans.get(key)
    if (known !== undefined) return known
    const { policy, legs } = route(event, this.#conditions(event, now), this.#policy)
    const plan = planOf(this.#parts.book.numberOf({ policy, legs }, changes), legs)
    if (key !== undefined && this.#plans.size < MAX_PLANS) this.#plans.set(key, plan)
    return plan
  }

  /** From the next event on. */
  setPolicy(policy: Policy = DEFAULT_POLICY): void {
    this.#policy = policy
    this.refresh()
  }

  /** Looks at the conditions anew with the next event. */
  refresh(now = 0): void {
    this.#plans.clear()
    this.#dueAt = now === 0 ? 0 : now + FRESH_FOR
  }

  /** What the event looks like to the router; undefined when it is unlike others. */
  #keyOf({ needs, bytes, maxCost, deadline }: RoutableEvent): string | undefined {
    const [only] = needs
    if (needs.length === 1 && only === 'local') return only
    if (maxCost !== undefined || deadline !== undefined) return undefined
    return `${needs.join()} ${bytes}`
  }

  #conditions(event: RoutableEvent, now: number): Conditions {
    return { now, networks: this.#parts.providers.map((provider) => this.#conditionOf(provider, event)) }
  }

  #conditionOf(provider: NetworkProvider, { needs, bytes }: RoutableEvent): NetworkCondition {
    const { network, capabilities } = provider
    const { resources } = this.#parts
    const { state, reason } = provider.status()
    return {
      network,
      requirements: capabilities.requirements,
      maxEventBytes: capabilities.maxEventBytes,
      connected: state === 'connected',
      ...(reason === undefined ? {} : { reason }),
      quote: resources.corrected(network, provider.quote({ needs, bytes })),
      budget: resources.budgetLeft(network),
    }
  }
}

/** Which networks a decision sends the event to, and which of them wait for another. */
export function planOf(decision: number, legs: readonly Leg[]): Plan {
  const first: Network[] = []
  const later: Network[] = []
  for (const { requirement, network } of legs) {
    if (network === undefined || network === 'local' || first.includes(network) || later.includes(network)) continue
    if (awaited(requirement, network, legs) === undefined) first.push(network)
    else later.push(network)
  }
  const localOnly = legs.every((leg) => leg.network === 'local')
  return { decision, legs, localOnly, first, later }
}

/** The leg of another network that has to be done before this one is begun. */
export function awaited(requirement: Leg['requirement'], network: Network, legs: readonly Leg[]): Leg | undefined {
  const before = waitsFor(
    requirement,
    legs.map((leg) => leg.requirement),
  )
  return legs.find((leg) => leg.requirement === before && leg.network !== network)
}
