import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { START_CURSOR } from '../model/cursor.js'
import type { EventId } from '../model/event.js'
import type { Network, Requirement } from '../model/network.js'
import type { NetworkProvider, Update } from '../networks/provider.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { SimulatedNetwork } from '../testing/simulated-network.js'
import { DeliveryBench } from './test/delivery-bench.js'

type Trouble =
  | { readonly kind: 'submit'; readonly needs: readonly Requirement[] }
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | { readonly kind: 'crash' | 'fail' | 'cut' | 'mend' | 'pull' }
  | { readonly kind: 'rollBack'; readonly slots: number }

const needs = fc.constantFrom<readonly Requirement[]>(
  ['local'],
  ['team'],
  ['storage'],
  ['consensus'],
  ['storage', 'consensus'],
  ['team', 'consensus', 'local'],
)
const troubles: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('submit' as const), needs }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min: 1, max: 3_000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'fail' as const, 'cut' as const, 'mend' as const, 'pull' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollBack' as const), slots: fc.integer({ min: 1, max: 9 }) }) },
)

const REMOTE: readonly Network[] = ['holochain', 'ipfs', 'solana']

/** One device in trouble, on three networks that lose a third of all calls. */
class TroubledDevice {
  readonly platform: ManualPlatform
  readonly networks: readonly SimulatedNetwork[]
  readonly providers: readonly NetworkProvider[]
  readonly wanted: (readonly Requirement[])[] = []
  readonly #cursors = new Map<Network, string>()
  #bench: DeliveryBench | undefined

  constructor(seed: number) {
    const { platform } = { platform: new ManualPlatform({ seed }) }
    this.platform = platform
    const faults = { loss: 0.33 }
    this.networks = [
      new SimulatedNetwork({ platform, network: 'holochain', requirements: ['team'], faults }),
      new SimulatedNetwork({ platform, network: 'ipfs', requirements: ['storage'], faults }),
      new SimulatedNetwork({ platform, network: 'solana', requirements: ['consensus'], ordering: 'total', cost: 5_000, faults }),
    ]
    this.providers = this.networks.map((network) => network.join('me'))
  }

  async open(): Promise<DeliveryBench> {
    this.#bench = await DeliveryBench.open({
      platform: this.platform,
      providers: this.providers,
      resources: { limits: { solana: { concurrency: 2, batchWindow: 100 } } },
    })
    return this.#bench
  }

  get bench(): DeliveryBench {
    return this.#bench ?? expect.fail('the device is not open')
  }

  async make(trouble: Trouble): Promise<void> {
    switch (trouble.kind) {
      case 'submit':
        return await this.#submit(trouble.needs)
      case 'pass':
        return await this.platform.pass(trouble.milliseconds)
      case 'crash':
        return await this.bench.crash()
      case 'fail':
        return this.bench.disk.failNext(new SpiceTimeError('STORAGE_FULL', 'Full.'))
      case 'cut':
        return this.networks.forEach((network) => network.disconnect('me'))
      case 'mend':
        return this.networks.forEach((network) => network.reconnect('me'))
      case 'rollBack':
        this.networks.forEach((network) => network.rollBack(trouble.slots))
        return
      case 'pull':
        return await this.pull()
    }
  }

  /** What a pull brings, handed to the intake as the runtime does. */
  async pull(): Promise<void> {
    for (const provider of this.providers) {
      if (provider.status().state !== 'connected') continue
      for (const update of await this.#updates(provider)) {
        try {
          await this.#settled(this.bench.receive(provider.network, update))
          this.#cursors.set(provider.network, update.cursor)
        } catch {
          // The disk was full: the next pull begins at the same cursor.
          return
        }
      }
    }
  }

  /** All that any network holds, by how often. */
  async held(provider: NetworkProvider): Promise<readonly EventId[]> {
    const updates = await this.#updates(provider, START_CURSOR)
    const onChain = new Map<EventId, boolean>()
    for (const update of updates) {
      for (const receipt of update.receipts) onChain.set(receipt.event, true)
      for (const id of update.retracted) onChain.delete(id)
    }
    return [...onChain.keys()]
  }

  async #submit(wanted: readonly Requirement[]): Promise<void> {
    try {
      await this.#settled(this.bench.submit(wanted))
      this.wanted.push(wanted)
    } catch {
      // The disk was full: the event was never there.
    }
  }

  async #updates(provider: NetworkProvider, from?: string): Promise<readonly Update[]> {
    const updates: Update[] = []
    const since = (from ?? this.#cursors.get(provider.network) ?? START_CURSOR) as typeof START_CURSOR
    const collect = async (): Promise<void> => {
      for await (const update of provider.syncUpdates(since)) updates.push(update)
    }
    await this.#settled(collect())
    return updates
  }

  async #settled<T>(work: Promise<T>): Promise<T> {
    let done = false
    const finish = (): void => void (done = true)
    work.then(finish, finish)
    await this.platform.until(() => done)
    return await work
  }
}

const SERVES: Readonly<Record<Requirement, Network | undefined>> = {
  local: undefined,
  team: 'holochain',
  storage: 'ipfs',
  consensus: 'solana',
}

describe('deliveries', () => {
  it('all arrive, once each, whatever happens on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(troubles, { minLength: 5, maxLength: 30 }), fc.integer(), async (history, seed) => {
        const device = new TroubledDevice(seed)
        await device.open()
        for (const trouble of history) await device.make(trouble)
        await device.make({ kind: 'mend' })
        await device.bench.crash()
        const open = (): boolean => REMOTE.some((network) => device.bench.manager.queuedCounts()[network] !== 0)
        for (let rounds = 0; rounds < 60; rounds++) {
          await device.platform.pass(30_000)
          await device.pull()
          if (!open() && rounds > 1) break
        }
        expect(device.bench.manager.queuedCounts()).toMatchObject({ holochain: 0, ipfs: 0, solana: 0 })
        expect(device.bench.events).toHaveLength(device.wanted.length)
        for (const [index, provider] of device.providers.entries()) {
          const network = REMOTE[index] ?? 'local'
          const expected = device.bench.events
            .filter((_event, at) => device.wanted[at]?.some((need) => SERVES[need] === network))
            .map((event) => event.id)
          expect([...(await device.held(provider))].sort()).toEqual([...expected].sort())
          expect(device.bench.manager.deliveredCounts()[network]).toBe(expected.length)
        }
        for (let position = 1; position <= device.wanted.length; position++) {
          const deliveries = await device.bench.manager.deliveriesOf(position)
          expect(deliveries.map(({ phase }) => phase)).toEqual((device.wanted[position - 1] ?? []).map(() => 'delivered'))
        }
        await device.bench.stop()
      }),
      { numRuns: Number(process.env['DELIVERY_RUNS'] ?? 100) },
    )
  }, 300_000)
})
