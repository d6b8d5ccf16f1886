import type { PolicyName, PolicyWeights } from './decision.js'
import type { Network } from './network.js'

/** What a network may use, in whole numbers; what is not named is not limited. 0 lets nothing through. */
export interface NetworkBudget {
  /** Fees, from midnight to midnight UTC. */
  readonly lamportsPerDay?: number
  /** Bytes of events ever handed to it. */
  readonly bytes?: number
  /** Events offered to it in one second. */
  readonly requestsPerSecond?: number
}

/** How this device picks networks, and what each may use. Plain data: it crosses the worker's port. */
export interface RoutingPolicy {
  /** By what networks that serve a requirement are compared; default `'balanced'`. */
  readonly prefer?: PolicyName | PolicyWeights
  /** What stays on this device has no budget. */
  readonly budgets?: { readonly [N in Exclude<Network, 'local'>]?: NetworkBudget }
}
