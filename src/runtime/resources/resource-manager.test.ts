import { describe, expect, it } from 'vitest'
import type { StoreChange } from '../storage/store.js'
import { openMemoryStore } from '../storage/memory/memory-store.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { ResourceManager } from './resource-manager.js'

const DAY = 86_400_000
const quote = { cost: 5_000, latency: 1_000, success: 1 }

async function opened(parts: Partial<Parameters<typeof ResourceManager.open>[0]> = {}) {
  const { store } = await openMemoryStore()
  const platform = new ManualPlatform({ start: 20_000 * DAY + 1_000 })
  const open = () => ResourceManager.open({ store, platform, ...parts })
  return { store, platform, open, resources: await open() }
}

describe('measurements', () => {
  it('believe the quote until an answer came, then follow the answers', async () => {
    const { resources } = await opened()
    expect(resources.corrected('solana', quote)).toEqual(quote)
    resources.succeeded('solana', 400)
    expect(resources.measured('solana')).toEqual({ latency: 400, success: 1 })
    resources.succeeded('solana', 900)
    expect(resources.measured('solana').latency).toBeCloseTo(500)
    resources.failed('solana')
    expect(resources.measured('solana').success).toBeCloseTo(0.8)
    expect(resources.corrected('solana', quote)).toEqual({ cost: 5_000, latency: 500, success: 0.8 })
    expect(resources.measured('ipfs')).toEqual({ latency: undefined, success: 1 })
  })
})

describe('budgets', () => {
  const budgets = { solana: { lamportsPerDay: 10_000, bytes: 1_000, requestsPerSecond: 2 } }

  it('count what was spent, over restarts, until midnight UTC', async () => {
    const { resources, store, platform, open } = await opened({ budgets })
    const changes: StoreChange[] = []
    resources.spend('solana', { lamports: 5_000, bytes: 300 }, changes)
    resources.spend('solana', { lamports: 1_000, bytes: 300 }, changes)
    await store.write(changes)
    const later = await open()
    expect(later.budgetLeft('solana')).toEqual({ lamports: 4_000, bytes: 400, requests: 2 })
    expect(later.spentToday('solana')).toBe(6_000)
    platform.advance(later.untilMidnight() - 1)
    expect(later.spentToday('solana')).toBe(6_000)
    platform.advance(1)
    expect(later.budgetLeft('solana')).toEqual({ lamports: 10_000, bytes: 400, requests: 2 })
  })

  it('forget what was never durable', async () => {
    const { resources } = await opened({ budgets })
    resources.spend('solana', { lamports: 5_000, bytes: 300 }, [])
    await resources.reload()
    expect(resources.spentToday('solana')).toBe(0)
  })

  it('count requests by the second', async () => {
    const { resources, platform } = await opened({ budgets })
    resources.countRequest('solana')
    resources.countRequest('solana')
    expect(resources.budgetLeft('solana').requests).toBe(0)
    platform.advance(1_000)
    expect(resources.budgetLeft('solana').requests).toBe(2)
    expect(resources.budgetLeft('ipfs').requests).toBe(Infinity)
  })
})

describe('quota', () => {
  it('gives the numbers of the platform, and none where it gives none', async () => {
    const { resources } = await opened({ storageFacts: () => Promise.resolve({ usage: 25, quota: 100 }) })
    expect(await resources.quota()).toEqual({ usage: 25, quota: 100, free: 75, used: 0.25 })
    expect((await (await opened()).resources.quota()).free).toBeUndefined()
  })
})
