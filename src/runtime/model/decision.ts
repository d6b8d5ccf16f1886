import type { Level, Network, Requirement } from './network.js'

/** Weights of the three scores; any positive numbers, only their ratios count. */
export interface PolicyWeights {
  readonly cost: number
  readonly latency: number
  readonly success: number
}
export type PolicyName = 'cheap' | 'fast' | 'balanced'

/** One network looked at for one requirement. */
export interface Candidate {
  readonly network: Network
  /** 0 to 1, higher is better; absent when ruled out. */
  readonly score?: number
  /** In lamports. */
  readonly cost: number
  /** Expected milliseconds. */
  readonly latency: number
  /** 0 to 1. */
  readonly success: number
  /** Why it can't be taken, in words for a person; absent when it can. */
  readonly ruledOut?: string
}

/** One step of a decision: a requirement and the network that serves it; legs run in order. */
export interface Leg {
  readonly requirement: Requirement
  /** Absent when no network can serve it now: the delivery queues. */
  readonly network?: Network
  readonly candidates: readonly Candidate[]
  /** One sentence. */
  readonly reason: string
}

/** The router's explained choice for one event. */
export interface Decision {
  readonly policy: PolicyName | PolicyWeights
  readonly legs: readonly Leg[]
  /** Milliseconds since 1970. */
  readonly at: number
}

export type DeliveryPhase = 'queued' | 'sending' | 'delivered' | 'refused' | 'expired'

/** One event on its way to one network. */
export interface Delivery {
  readonly requirement: Requirement
  readonly network: Network
  readonly phase: DeliveryPhase
  readonly level?: Level
  readonly attempts: number
  /** Milliseconds since 1970 of the next try. */
  readonly nextAttemptAt?: number
  /** Why it waits or was refused, in words for a person. */
  readonly reason?: string
  readonly queuedAt: number
}
