import type { PolicyWeights } from '../model/decision.js'
import type { Quote } from '../networks/provider.js'

/** Cost at which a network gets half of the points for cost: about one signature on Solana, in lamports. */
const HALF_COST = 5_000
/** Latency at which a network gets half of the points for speed, in milliseconds. */
const HALF_LATENCY = 1_000

/** 0 to 1, higher is better. Never rises with cost or latency, never falls with success. */
export function scoreOf(quote: Quote, weights: PolicyWeights): number {
  return (
    weights.cost * pointsFor(quote.cost, HALF_COST) +
    weights.latency * pointsFor(quote.latency, HALF_LATENCY) +
    weights.success * clamp(quote.success)
  )
}

function pointsFor(amount: number, half: number): number {
  return half / (half + Math.max(0, amount))
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}
