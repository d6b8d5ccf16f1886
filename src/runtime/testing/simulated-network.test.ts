import { describe, expect, it } from 'vitest'
import { START_CURSOR } from '../model/cursor.js'
import type { EventId } from '../model/event.js'
import type { Level } from '../model/network.js'
import { compareOrder } from '../model/receipt.js'
import type { Receipt } from '../model/receipt.js'
import type { NetworkProvider, Update } from '../networks/provider.js'
import { EventFactory } from './event-factory.js'
import { ManualPlatform } from './manual-platform.js'
import { runProviderConformance } from './provider-conformance.js'
import { SimulatedNetwork } from './simulated-network.js'
import type { SimulatedNetworkOptions } from './simulated-network.js'

type Options = Omit<SimulatedNetworkOptions, 'platform' | 'network' | 'requirements'>

/** Moves time on until the work is done. */
async function settle<T>(platform: ManualPlatform, work: Promise<T>): Promise<T> {
  let done = false
  const finish = (): void => void (done = true)
  work.then(finish, finish)
  await platform.until(() => done)
  return await work
}

function conformance(name: string, options: Options): void {
  runProviderConformance(name, () => {
    const platform = new ManualPlatform()
    const network = new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], ...options })
    const provider = network.join('one')
    network.join('two')
    return Promise.resolve({
      provider,
      platform,
      highestLevel: 'final' as const,
      settle: (work) => settle(platform, work),
      contacts: () => network.contacts('one'),
      dispose: () => Promise.resolve(),
    })
  })
}

conformance('simulated gossip', {})
conformance('simulated gossip that duplicates and reorders', { faults: { duplication: 0.5, reordering: 0.5 } })
conformance('simulated chain', { ordering: 'total', cost: 5_000 })
conformance('simulated chain that duplicates and reorders', { ordering: 'total', faults: { duplication: 0.5, reordering: 0.5 } })

async function world(names: readonly string[], options: Options = {}) {
  const platform = new ManualPlatform({ seed: 42 })
  const network = new SimulatedNetwork({ platform, network: 'solana', requirements: ['consensus'], ...options })
  const providers = names.map((name) => network.join(name))
  for (const provider of providers) await provider.start({ platform })
  const factory = await EventFactory.create()
  const pull = (provider: NetworkProvider): Promise<readonly Update[]> => settle(platform, pullAll(provider))
  const levels = async (provider: NetworkProvider, id: EventId): Promise<Level[]> =>
    receiptsFor(await pull(provider), id).map((receipt) => receipt.level)
  return { platform, network, providers, factory, pull, levels }
}

async function pullAll(provider: NetworkProvider): Promise<readonly Update[]> {
  const updates: Update[] = []
  for await (const update of provider.syncUpdates(START_CURSOR)) updates.push(update)
  return updates
}

function receiptsFor(updates: readonly Update[], id: EventId): readonly Receipt[] {
  return updates.flatMap((update) => update.receipts).filter((receipt) => receipt.event === id)
}

describe('simulated gossip', () => {
  it('earns levels by holders', async () => {
    const { platform, providers, factory, levels } = await world(['a', 'b', 'c', 'd', 'e'])
    const [a, , , , e] = providers
    if (a === undefined || e === undefined) expect.fail('no providers')
    const event = await factory.event()
    expect((await settle(platform, a.submitEvent(event))).level).toBe('sent')
    await platform.pass(1_000)
    expect(await levels(a, event.id)).toEqual(['sent', 'shared', 'confirmed', 'final'])
    expect((await levels(e, event.id)).at(-1)).toBe('final')
  })

  it('loses calls and answers, and takes each event once all the same', async () => {
    const { platform, providers, factory, pull } = await world(['a', 'b'], { faults: { loss: 0.6 } })
    const [a, b] = providers
    if (a === undefined || b === undefined) expect.fail('no providers')
    const events = await factory.events(20)
    let failures = 0
    for (const event of events) {
      const submit = async (): Promise<void> => {
        for (;;) {
          try {
            await a.submitEvent(event)
            return
          } catch {
            failures++
          }
        }
      }
      await settle(platform, submit())
    }
    expect(failures).toBeGreaterThan(5)
    await platform.pass(10_000)
    expect((await pull(b)).flatMap((update) => update.events)).toHaveLength(20)
  })

  it('keeps the sides of a partition apart until it heals', async () => {
    const { platform, network, providers, factory, pull, levels } = await world(['a', 'b', 'c'])
    const [a, b, c] = providers
    if (a === undefined || b === undefined || c === undefined) expect.fail('no providers')
    network.partition(['a', 'b'], ['c'])
    const event = await factory.event()
    await settle(platform, a.submitEvent(event))
    await platform.pass(10_000)
    expect((await pull(b)).flatMap((update) => update.events)).toHaveLength(1)
    expect(await pull(c)).toEqual([])
    expect((await levels(a, event.id)).at(-1)).toBe('confirmed')
    network.heal()
    await platform.pass(10_000)
    expect((await pull(c)).flatMap((update) => update.events)).toHaveLength(1)
    expect((await levels(a, event.id)).at(-1)).toBe('final')
  })
})

describe('simulated chain', () => {
  it('orders all events alike for all, and earns levels by depth', async () => {
    const { platform, providers, factory, pull } = await world(['a', 'b'], { ordering: 'total', faults: { reordering: 0.5 } })
    const [a, b] = providers
    if (a === undefined || b === undefined) expect.fail('no providers')
    const events = await factory.events(10)
    await settle(platform, Promise.all(events.map((event, index) => (index % 2 === 0 ? a : b).submitEvent(event))))
    await platform.pass(10_000)
    const [seenByA, seenByB] = [await pull(a), await pull(b)]
    const order = (updates: readonly Update[]): EventId[] =>
      updates
        .flatMap((update) => update.receipts)
        .filter((receipt) => receipt.level === 'final')
        .sort((one, other) => compareOrder(one.order ?? [0, 0, 0], other.order ?? [0, 0, 0]))
        .map((receipt) => receipt.event)
    expect(order(seenByA)).toHaveLength(10)
    expect(order(seenByB)).toEqual(order(seenByA))
    const first = events[0]?.id ?? expect.fail('no events')
    expect(receiptsFor(seenByA, first).map((receipt) => receipt.level)).toEqual(['shared', 'confirmed', 'final'])
  })

  it('takes back what was not final, and what was taken back can be sent again', async () => {
    const { platform, network, providers, factory, pull } = await world(['a', 'b'], { ordering: 'total' })
    const [a, b] = providers
    if (a === undefined || b === undefined) expect.fail('no providers')
    const event = await factory.event()
    await settle(platform, a.submitEvent(event))
    await platform.pass(1_000)
    expect(network.rollBack(5)).toBe(1)
    expect((await pull(b)).flatMap((update) => update.retracted)).toEqual([event.id])
    expect((await settle(platform, a.submitEvent(event))).level).toBe('sent')
    await platform.pass(10_000)
    expect(receiptsFor(await pull(b), event.id).at(-1)?.level).toBe('final')
    expect(network.rollBack(5)).toBe(0)
  })

  it('is out of reach for the smaller side of a partition', async () => {
    const { platform, network, providers, factory } = await world(['a', 'b'], { ordering: 'total' })
    const [, b] = providers
    if (b === undefined) expect.fail('no providers')
    network.partition(['a'], ['b'])
    const event = await factory.event()
    await expect(settle(platform, b.submitEvent(event))).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE' })
    network.heal()
    expect((await settle(platform, b.submitEvent(event))).level).toBe('sent')
  })
})

describe('a replica that loses the network', () => {
  it('says so, refuses for now, and comes back', async () => {
    const { platform, network, providers, factory } = await world(['a'])
    const [a] = providers
    if (a === undefined) expect.fail('no providers')
    const seen: string[] = []
    a.onStatus((status) => seen.push(status.state))
    network.disconnect('a', 'The cable is out.')
    expect(a.status()).toMatchObject({ state: 'away', reason: 'The cable is out.' })
    await expect(settle(platform, a.submitEvent(await factory.event()))).rejects.toMatchObject({ code: 'NETWORK_UNAVAILABLE' })
    network.reconnect('a')
    expect(seen).toEqual(['away', 'connected'])
  })
})
