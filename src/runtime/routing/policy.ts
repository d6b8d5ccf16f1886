import type { PolicyName, PolicyWeights } from '../model/decision.js'

/** By what networks are compared: a name, or weights of one's own. */
export type Policy = PolicyName | PolicyWeights

export const DEFAULT_POLICY: PolicyName = 'balanced'

const WEIGHTS: Readonly<Record<PolicyName, PolicyWeights>> = {
  cheap: { cost: 8, latency: 1, success: 3 },
  fast: { cost: 1, latency: 8, success: 3 },
  balanced: { cost: 1, latency: 1, success: 1 },
}

/** The weights of a policy, made to add up to 1. Weights of one's own were checked at the door: none below 0, one above. */
export function weightsOf(policy: Policy): PolicyWeights {
  const { cost, latency, success } = typeof policy === 'string' ? WEIGHTS[policy] : policy
  const sum = cost + latency + success
  return { cost: cost / sum, latency: latency / sum, success: success / sum }
}

/** A policy's name for people. */
export function nameOf(policy: Policy): string {
  return typeof policy === 'string' ? policy : `weights ${policy.cost}:${policy.latency}:${policy.success}`
}
