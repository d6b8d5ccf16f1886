import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NETWORKS, REQUIREMENTS } from '../model/network.js'
import type { Quote } from '../networks/provider.js'
import { route } from './network-router.js'
import type { Conditions, NetworkCondition, Policy, RoutableEvent } from './network-router.js'
import { weightsOf } from './policy.js'
import { scoreOf } from './scoring.js'

const quotes: fc.Arbitrary<Quote> = fc.record({
  cost: fc.nat(100_000),
  latency: fc.nat(60_000),
  success: fc.double({ min: 0, max: 1, noNaN: true }),
})
const limits = fc.oneof(fc.constant(Infinity), fc.nat(100_000))
const conditionsOf = (network: NetworkCondition['network']): fc.Arbitrary<NetworkCondition> =>
  fc.record({
    network: fc.constant(network),
    requirements: fc.uniqueArray(fc.constantFrom(...REQUIREMENTS)),
    maxEventBytes: fc.nat(70_000),
    connected: fc.boolean(),
    quote: quotes,
    budget: fc.record({ lamports: limits, bytes: limits, requests: limits }),
  })
const allConditions: fc.Arbitrary<Conditions> = fc.record({
  now: fc.constant(1_000_000),
  networks: fc.tuple(...NETWORKS.map(conditionsOf)),
})
const events: fc.Arbitrary<RoutableEvent> = fc.record(
  {
    needs: fc.uniqueArray(fc.constantFrom(...REQUIREMENTS), { minLength: 1 }),
    bytes: fc.nat(65_536),
    maxCost: fc.nat(100_000),
    deadline: fc.integer({ min: 990_000, max: 1_100_000 }),
  },
  { requiredKeys: ['needs', 'bytes'] },
)
const weight = fc.double({ min: 0.01, max: 100, noNaN: true })
const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constantFrom('cheap' as const, 'fast' as const, 'balanced' as const),
  fc.record({ cost: weight, latency: weight, success: weight }),
)

describe('route', () => {
  it('never picks a network that is ruled out or does not serve the requirement', () => {
    fc.assert(
      fc.property(events, allConditions, policies, (event, conditions, policy) => {
        for (const leg of route(event, conditions, policy).legs) {
          const possible = leg.candidates.filter((candidate) => candidate.ruledOut === undefined).map((candidate) => candidate.network)
          expect(possible.length === 0).toBe(leg.network === undefined)
          const chosen = conditions.networks.filter((one) => one.network === leg.network)
          for (const { network, requirements, maxEventBytes, quote } of chosen) {
            expect(possible).toContain(network)
            expect(requirements).toContain(leg.requirement)
            expect(event.bytes).toBeLessThanOrEqual(maxEventBytes)
            expect(quote.cost).toBeLessThanOrEqual(event.maxCost ?? Infinity)
          }
        }
      }),
    )
  })

  it('picks the highest score of those that are not ruled out, and scores those alone', () => {
    fc.assert(
      fc.property(events, allConditions, policies, (event, conditions, policy) => {
        for (const { network, candidates } of route(event, conditions, policy).legs) {
          const scored = candidates.filter((candidate) => candidate.ruledOut === undefined)
          expect(candidates.every((candidate) => (candidate.score === undefined) === (candidate.ruledOut !== undefined))).toBe(true)
          const top = Math.max(...scored.map((candidate) => candidate.score ?? -1))
          expect(scored.find((candidate) => candidate.score === top)?.network).toBe(network)
        }
      }),
    )
  })

  it('prefers one that is connected and within its budget to one that is not', () => {
    fc.assert(
      fc.property(events, allConditions, policies, (event, conditions, policy) => {
        for (const { network, candidates } of route(event, conditions, policy).legs) {
          const ready = (name: string | undefined): boolean =>
            conditions.networks.some(
              (one) =>
                one.network === name &&
                one.connected &&
                one.quote.cost <= one.budget.lamports &&
                event.bytes <= one.budget.bytes &&
                one.budget.requests >= 1,
            )
          const anyReady = candidates.some((candidate) => candidate.ruledOut === undefined && ready(candidate.network))
          expect(anyReady).toBe(ready(network))
        }
      }),
    )
  })

  it('is a function of its arguments', () => {
    fc.assert(
      fc.property(events, allConditions, policies, (event, conditions, policy) => {
        expect(route(structuredClone(event), structuredClone(conditions), policy)).toEqual(route(event, conditions, policy))
      }),
    )
  })

  it('has one leg for each need, in order, storage before consensus, each with one sentence', () => {
    fc.assert(
      fc.property(events, allConditions, policies, (event, conditions, policy) => {
        const { legs } = route(event, conditions, policy)
        const order = legs.map((leg) => REQUIREMENTS.indexOf(leg.requirement))
        expect(order).toEqual([...order].sort((a, b) => a - b))
        expect(new Set(legs.map((leg) => leg.requirement))).toEqual(new Set(event.needs))
        for (const leg of legs) expect(leg.reason).toMatch(/^[A-Z].*\.$/)
      }),
    )
  })
})

describe('scores', () => {
  it('never rise with cost or latency, never fall with success, and stay between 0 and 1', () => {
    fc.assert(
      fc.property(quotes, quotes, policies, (one, other, policy) => {
        const weights = weightsOf(policy)
        const worse = {
          cost: Math.max(one.cost, other.cost),
          latency: Math.max(one.latency, other.latency),
          success: Math.min(one.success, other.success),
        }
        expect(scoreOf(worse, weights)).toBeLessThanOrEqual(scoreOf(one, weights))
        expect(scoreOf(one, weights)).toBeGreaterThanOrEqual(0)
        expect(scoreOf(one, weights)).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
  })
})
