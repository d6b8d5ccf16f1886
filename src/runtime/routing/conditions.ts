import type { Network, Requirement } from '../model/network.js'
import type { Quote } from '../networks/provider.js'

/** What the router needs to know of an event. */
export interface RoutableEvent {
  readonly needs: readonly Requirement[]
  /** Size of the signed event. */
  readonly bytes: number
  /** In lamports. */
  readonly maxCost?: number
  /** Milliseconds since 1970. */
  readonly deadline?: number
}

/** What a network's budget still allows; Infinity where nothing limits it. */
export interface BudgetLeft {
  /** Until midnight UTC. */
  readonly lamports: number
  readonly bytes: number
  /** In the present second. */
  readonly requests: number
}

/** A network as it is now. */
export interface NetworkCondition {
  readonly network: Network
  /** What it can ever serve, connected or not. */
  readonly requirements: readonly Requirement[]
  readonly maxEventBytes: number
  readonly connected: boolean
  /** Why it is not connected, in a sentence for a person. */
  readonly reason?: string
  readonly quote: Quote
  readonly budget: BudgetLeft
}

export interface Conditions {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly networks: readonly NetworkCondition[]
}
