import { describe, expect, it } from 'vitest'
import { route } from './network-router.js'
import type { NetworkCondition } from './network-router.js'

const unlimited = { lamports: Infinity, bytes: Infinity, requests: Infinity }
const holochain: NetworkCondition = {
  network: 'holochain',
  requirements: ['team'],
  maxEventBytes: 65_536,
  connected: true,
  quote: { cost: 0, latency: 800, success: 0.9 },
  budget: unlimited,
}
const ipfs: NetworkCondition = { ...holochain, network: 'ipfs', requirements: ['storage'] }
const solana: NetworkCondition = {
  ...holochain,
  network: 'solana',
  requirements: ['consensus', 'team'],
  quote: { cost: 5_000, latency: 400, success: 0.99 },
}
const now = 1_000

describe('route', () => {
  it('follows the policy', () => {
    const conditions = { now, networks: [holochain, solana] }
    const event = { needs: ['team' as const], bytes: 300 }
    expect(route(event, conditions, 'cheap').legs[0]?.network).toBe('holochain')
    expect(route(event, conditions, 'fast').legs[0]).toMatchObject({
      network: 'solana',
      reason: "Solana serves team better than holochain under the policy 'fast' (fastest, most reliable).",
    })
    expect(route(event, conditions, { cost: 1, latency: 0, success: 0 }).legs[0]?.network).toBe('holochain')
  })

  it('lets the delivery queue when the only network that can serve is not connected', () => {
    const away = { ...holochain, connected: false, reason: 'No conductor answers.' }
    const [leg] = route({ needs: ['team'], bytes: 300 }, { now, networks: [away] }, 'balanced').legs
    expect(leg?.network).toBe('holochain')
    expect(leg?.reason).toBe(
      'Holochain is the only network that serves team; holochain is not connected (No conductor answers), so the delivery queues.',
    )
  })

  it('rules out what is not connected where another is, and keeps the reason', () => {
    const away = { ...holochain, connected: false }
    const [leg] = route({ needs: ['team'], bytes: 300 }, { now, networks: [away, solana] }, 'cheap').legs
    expect(leg).toMatchObject({ network: 'solana', reason: 'Solana serves team and the others are ruled out.' })
    expect(leg?.candidates[0]).toMatchObject({ network: 'holochain', ruledOut: 'holochain is not connected' })
  })

  it('leaves a leg without a network when none ever can, and says why', () => {
    const event = { needs: ['consensus' as const], bytes: 300, maxCost: 100 }
    expect(route(event, { now, networks: [solana] }, 'balanced').legs[0]).toMatchObject({
      reason: 'No network can serve consensus: solana costs 5000 lamports and maxCost is 100.',
    })
    expect(route(event, { now, networks: [ipfs] }, 'balanced').legs[0]).toEqual({
      requirement: 'consensus',
      candidates: [],
      reason: 'No network that is known here serves consensus.',
    })
  })

  it('rules out by size, deadline and budget', () => {
    const [tooLarge] = route({ needs: ['team'], bytes: 70_000 }, { now, networks: [holochain] }, 'balanced').legs
    expect(tooLarge?.candidates[0]?.ruledOut).toContain('at most 65536 bytes')
    const [late] = route({ needs: ['team'], bytes: 1, deadline: now + 100 }, { now, networks: [holochain] }, 'balanced').legs
    expect(late?.candidates[0]?.ruledOut).toContain('100 ms are left to the deadline')
    const broke = { ...solana, budget: { ...unlimited, lamports: 10 } }
    const [spent] = route({ needs: ['team'], bytes: 1 }, { now, networks: [holochain, broke] }, 'fast').legs
    expect(spent).toMatchObject({ network: 'holochain' })
    expect(spent?.candidates[1]?.ruledOut).toContain('10 lamports left until midnight UTC')
  })

  it('stores before it anchors, and says why', () => {
    const { legs } = route({ needs: ['consensus', 'storage'], bytes: 300 }, { now, networks: [solana, ipfs] }, 'balanced')
    expect(legs.map((leg) => leg.requirement)).toEqual(['storage', 'consensus'])
    expect(legs[1]?.reason).toBe(
      'Solana is the only network that serves consensus; it waits for storage, so that nothing is anchored before its content is stored.',
    )
  })
})
