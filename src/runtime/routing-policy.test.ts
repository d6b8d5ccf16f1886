import { describe, expect, it } from 'vitest'
import { encode } from './codec/dag-cbor.js'
import type { RoutingPolicy } from './model/routing-policy.js'
import { POLICY_ROW } from './new-routing-policy.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { openMemoryStore } from './storage/memory/memory-store.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { Replica } from './testing/replicas.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

/** A device with a slow free network and a fast one that costs, both for the team. */
async function device({ disk = new MemoryDisk(), paidOnly = false } = {}) {
  const platform = new ManualPlatform({ seed: 5 })
  const requirements = ['team'] as const
  const free = new SimulatedNetwork({ platform, network: 'holochain', requirements, faults: { latency: [3_000, 3_000] } })
  const paid = new SimulatedNetwork({ platform, network: 'solana', requirements, cost: 5_000, faults: { latency: [1, 1] } })
  const replica = await Replica.open(platform, disk, paidOnly ? [paid.join('me')] : [free.join('me'), paid.join('me')])
  await platform.until(async () => (await replica.runtime.networks()).every(({ state }) => state === 'connected'))
  const space = await replica.runtime.createSpace({ name: 'Acme' })
  let task = 0
  // A task each: what waits of one would be merged before it is sent.
  const submit = () => replica.runtime.submitEvent({ path: `${space.id}/tasks/${task++}`, op: 'put', value: 1 })
  const decision = async (id: string) => (await replica.runtime.trace(id)).decision
  const report = async () => (await replica.runtime.networks()).find(({ network }) => network === 'solana')
  return { platform, disk, replica, submit, decision, report }
}

describe('a policy', () => {
  it('decides what comes after it, in the trace too, and leaves what was decided', async () => {
    const { replica, submit, decision } = await device()
    expect(await replica.runtime.policy()).toEqual({})
    await replica.runtime.definePolicy({ prefer: 'cheap' })
    const before = await submit()
    await replica.runtime.definePolicy({ prefer: { cost: 0, latency: 1, success: 0 } })
    const after = await submit()
    expect(await decision(before)).toMatchObject({ policy: 'cheap', legs: [{ network: 'holochain' }] })
    expect(await decision(after)).toMatchObject({ policy: { cost: 0, latency: 1, success: 0 }, legs: [{ network: 'solana' }] })
    expect(replica.seen.map(({ diagnostic }) => diagnostic)).toContainEqual({ kind: 'policy-defined', policy: { prefer: 'cheap' } })
  })

  it('is kept over a restart', async () => {
    const { replica, submit, decision, report } = await device()
    const policy: RoutingPolicy = { prefer: 'fast', budgets: { solana: { lamportsPerDay: 12_000, bytes: 4_000, requestsPerSecond: 3 } } }
    await replica.runtime.definePolicy(policy)
    await replica.restart()
    expect(await replica.runtime.policy()).toEqual(policy)
    expect(await decision(await submit())).toMatchObject({ policy: 'fast' })
    expect(await report()).toMatchObject({ budget: policy.budgets?.solana })
    await replica.runtime.definePolicy({})
    expect(await replica.runtime.policy()).toEqual({})
    expect(await report()).toMatchObject({ budget: {} })
  })

  it('whose budget is spent holds events, says so, and lets them go once it is raised', async () => {
    const { platform, replica, submit, report } = await device({ paidOnly: true })
    // What the space began with is counted.
    await replica.runtime.definePolicy({ budgets: { solana: { lamportsPerDay: 10_000 } } })
    const ids = [await submit(), await submit(), await submit()]
    await platform.until(async () => (await report())?.spentToday === 10_000)
    await platform.pass(60_000)
    const held = await Promise.all(ids.map(async (id) => (await replica.runtime.trace(id)).deliveries[0]))
    const waiting = held.filter((delivery) => delivery?.phase === 'queued')
    expect(waiting.map((delivery) => delivery?.reason)).toEqual(
      Array(2).fill(expect.stringContaining("Today's budget for solana is spent")),
    )
    await replica.runtime.definePolicy({ prefer: 'fast', budgets: { solana: { lamportsPerDay: 50_000 } } })
    await platform.until(async () => (await replica.runtime.networks()).every(({ queued }) => queued === 0), 120_000)
    expect((await report())?.spentToday).toBe(20_000)
  })

  it.each([
    ['is no map', 7],
    ['is a list', []],
    ['has a field that is not known', { preferred: 'cheap' }],
    ['prefers what is not known', { prefer: 'best' }],
    ['lacks a weight', { prefer: { cost: 1, latency: 1 } }],
    ['has a weight that is no number', { prefer: { cost: Number.NaN, latency: 1, success: 1 } }],
    ['has a weight below nothing', { prefer: { cost: -1, latency: 1, success: 1 } }],
    ['has a weight without end', { prefer: { cost: Infinity, latency: 1, success: 1 } }],
    ['has weights of nothing', { prefer: { cost: 0, latency: 0, success: 0 } }],
    ['limits this device', { budgets: { local: { bytes: 1 } } }],
    ['limits a network that is not there', { budgets: { carrier: { bytes: 1 } } }],
    ['has a budget below nothing', { budgets: { solana: { lamportsPerDay: -1 } } }],
    ['has a budget in parts', { budgets: { solana: { requestsPerSecond: 0.5 } } }],
    ['limits what is not known', { budgets: { solana: { lamports: 1 } } }],
  ])('is refused when it %s, and changes nothing', async (_, policy) => {
    const { replica } = await device()
    await replica.runtime.definePolicy({ prefer: 'cheap' })
    await expect(replica.runtime.definePolicy(policy as never)).rejects.toMatchObject({ code: 'SETTINGS_MALFORMED' })
    expect(await replica.runtime.policy()).toEqual({ prefer: 'cheap' })
  })

  it('that could not be kept changes nothing', async () => {
    const { replica } = await device()
    replica.disk.failNext(new Error('disk full'))
    await expect(replica.runtime.definePolicy({ prefer: 'cheap' })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    expect(await replica.runtime.policy()).toEqual({})
  })

  it('that can no longer be read is told, and the default holds', async () => {
    const disk = new MemoryDisk()
    const { store } = await openMemoryStore({ disk })
    await store.write([[POLICY_ROW, encode({ prefer: 'best' })]])
    await store.close()
    const { replica } = await device({ disk })
    expect(await replica.runtime.policy()).toEqual({})
    await replica.restart()
    expect(replica.seen.map(({ diagnostic }) => diagnostic)).toContainEqual(
      expect.objectContaining({ kind: 'record-damaged', key: POLICY_ROW }),
    )
  })
})
