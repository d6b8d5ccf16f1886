import { expect } from 'vitest'
import { Diagnostics } from '../../diagnostics/diagnostics.js'
import type { DiagnosticEntry } from '../../diagnostics/diagnostics.js'
import type { AppliedEvent, Brought, DeliveryWishes, EventIntake, ReceiptChange } from '../../events/event-applier.js'
import type { EventSource } from '../../events/event-source.js'
import type { Delivery } from '../../model/decision.js'
import type { Event, EventId } from '../../model/event.js'
import type { Network, Requirement } from '../../model/network.js'
import { parseSpaceId } from '../../model/path.js'
import type { Receipt } from '../../model/receipt.js'
import { createLocalProvider } from '../../networks/local/local-provider.js'
import type { NetworkProvider } from '../../networks/provider.js'
import { ResourceManager } from '../../resources/resource-manager.js'
import type { ResourceParts } from '../../resources/resource-manager.js'
import { MemoryDisk } from '../../storage/memory/memory-disk.js'
import { openMemoryStore } from '../../storage/memory/memory-store.js'
import type { Store, StoreChange } from '../../storage/store.js'
import { EventFactory } from '../../testing/event-factory.js'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { DeliveryManager, readDeliveryRecords } from '../delivery-manager.js'

export interface BenchOptions {
  readonly platform?: ManualPlatform
  readonly providers?: readonly NetworkProvider[]
  readonly resources?: Partial<ResourceParts>
}

interface Life {
  readonly manager: DeliveryManager
  readonly store: Store
  readonly intake: IntakeOfOneLife
}

/** What a killed device hands over is never heard of. */
class IntakeOfOneLife implements EventIntake {
  dead = false
  readonly #intake: EventIntake

  constructor(intake: EventIntake) {
    this.#intake = intake
  }

  receive(network: Network, brought: Brought): Promise<void> {
    return this.dead ? new Promise(() => undefined) : this.#intake.receive(network, brought)
  }
}

const neverCalled = (): never => {
  throw new Error('deliveries must not call the local log')
}

/** A device with deliveries and a plain intake: logs events, keeps receipts, and tells the deliveries as the real one does. */
export class DeliveryBench implements EventIntake, EventSource {
  disk: MemoryDisk
  readonly platform: ManualPlatform
  readonly seen: DiagnosticEntry[] = []
  /** Calls to `receive`. */
  receptions = 0
  /** What the last transaction of the intake wrote. */
  lastChanges: readonly StoreChange[] = []
  readonly #options: BenchOptions
  readonly #factory: EventFactory
  readonly #events: Event[]
  readonly #receipts = new Map<EventId, readonly Receipt[]>()
  #queue: Promise<unknown> = Promise.resolve()
  #life: Life | undefined

  private constructor(options: BenchOptions, parts: { disk: MemoryDisk; factory: EventFactory; platform: ManualPlatform }) {
    this.#options = options
    this.disk = parts.disk
    this.platform = parts.platform
    this.#factory = parts.factory
    this.#events = []
  }

  static async open(options: BenchOptions = {}): Promise<DeliveryBench> {
    const platform = options.platform ?? new ManualPlatform()
    const bench = new DeliveryBench(options, { disk: new MemoryDisk(), factory: await EventFactory.create(), platform })
    await bench.#open()
    return bench
  }

  get manager(): DeliveryManager {
    return this.#opened().manager
  }

  get store(): Store {
    return this.#opened().store
  }

  /** The device is killed and started again: what is durable is left, and nothing that was under way goes on. */
  async crash(): Promise<void> {
    const { manager, intake } = this.#opened()
    intake.dead = true
    // Never waited for: what was under way has no one left to answer.
    manager.stop().catch((error: unknown) => expect.fail(String(error)))
    this.#queue = Promise.resolve()
    this.disk = copyOf(this.disk)
    await this.#open()
  }

  async stop(): Promise<void> {
    await this.manager.stop()
  }

  get events(): readonly Event[] {
    return this.#events
  }

  async submit(needs: readonly Requirement[], wishes: DeliveryWishes = {}): Promise<number> {
    return (await this.submitMany([needs], wishes))[0] ?? 0
  }

  submitMany(needs: readonly (readonly Requirement[])[], wishes: DeliveryWishes = {}): Promise<readonly number[]> {
    return this.#inTurn(async () => {
      const applied: AppliedEvent[] = []
      for (const one of needs)
        applied.push({ event: await this.#event(one), position: this.#events.length + applied.length + 1, origin: 'own', wishes })
      await this.#log(applied)
      return applied.map(({ position }) => position)
    })
  }

  /** Logs an event that came from others. */
  foreign(network: Network): Promise<number> {
    return this.#inTurn(async () => {
      const position = this.#events.length + 1
      await this.#log([{ event: await this.#event(['team']), position, origin: network, wishes: {} }])
      return position
    })
  }

  receive(network: Network, { receipts, retracted }: Brought): Promise<void> {
    this.receptions++
    const { manager, store } = this.#opened()
    return this.#inTurn(async () => {
      const changed = new Map<EventId, ReceiptChange>()
      const update = (id: EventId, revise: (book: readonly Receipt[]) => readonly Receipt[]): void => {
        const position = this.#events.findIndex((event) => event.id === id) + 1
        const event = this.#events[position - 1]
        if (event === undefined) return
        const before = this.#receipts.get(id) ?? []
        const known = changed.get(id) ?? { event: id, position, path: event.path, needs: event.needs, before, after: before }
        changed.set(id, { ...known, after: revise(known.after) })
      }
      for (const receipt of receipts) update(receipt.event, (book) => [...book.filter((one) => one.network !== network), receipt])
      for (const id of retracted) update(id, (book) => book.filter((one) => one.network !== network))
      const changes: StoreChange[] = []
      if (changed.size > 0) await manager.applyReceipts([...changed.values()], changes)
      await this.#write(changes, { manager, store })
      if (this.store !== store) return
      for (const { event, after } of changed.values()) this.#receipts.set(event, after)
      if (changed.size > 0) manager.committedReceipts()
    })
  }

  readAt(position: number): Promise<Event | undefined> {
    return Promise.resolve(this.#events[position - 1])
  }

  idAt(position: number): Promise<EventId | undefined> {
    return Promise.resolve(this.#events[position - 1]?.id)
  }

  positionOf(id: EventId): Promise<number | undefined> {
    const index = this.#events.findIndex((event) => event.id === id)
    return Promise.resolve(index < 0 ? undefined : index + 1)
  }

  receiptsOf(position: number): readonly Receipt[] {
    const event = this.#events[position - 1]
    return event === undefined ? [] : (this.#receipts.get(event.id) ?? [])
  }

  async delivery(position: number, network: Network): Promise<Delivery | undefined> {
    return (await this.manager.deliveriesOf(position)).find((delivery) => delivery.network === network)
  }

  /** Moves time on until the delivery is in that phase. */
  async until(position: number, network: Network, phase: Delivery['phase']): Promise<Delivery> {
    await this.platform.until(async () => (await this.delivery(position, network))?.phase === phase)
    const delivery = await this.delivery(position, network)
    if (delivery === undefined) throw new Error(`event ${position} has no delivery to ${network}`)
    return delivery
  }

  async #open(): Promise<void> {
    const { store } = await openMemoryStore({ disk: this.disk })
    const { platform } = this
    const diagnostics = new Diagnostics(() => platform.now())
    diagnostics.subscribe((entry) => this.seen.push(entry))
    const resources = await ResourceManager.open({ store, platform, ...this.#options.resources })
    const local = createLocalProvider({ positionOf: neverCalled, append: neverCalled, since: neverCalled, stateOf: neverCalled })
    const providers = [local, ...(this.#options.providers ?? [])]
    for (const provider of providers) await provider.start({ platform })
    const intake = new IntakeOfOneLife(this)
    const parts = { store, platform, diagnostics, resources, providers, events: this, intake }
    const manager = new DeliveryManager(parts, await readDeliveryRecords(store))
    this.#life = { manager, store, intake }
    await manager.start()
  }

  #opened(): Life {
    return this.#life ?? expect.fail('the bench is not open')
  }

  async #event(needs: readonly Requirement[]): Promise<Event> {
    const { id, bytes, space, path } = await this.#factory.event({ needs })
    const spaceId = parseSpaceId('space')
    return {
      v: 1,
      id,
      bytes,
      space,
      spaceId,
      path,
      needs,
      op: 'put',
      body: {},
      public: true,
      author: 'nobody' as never,
      seq: 0,
      parents: [],
      time: 0,
    }
  }

  async #log(applied: readonly AppliedEvent[]): Promise<void> {
    const { manager, store } = this.#opened()
    const changes: StoreChange[] = []
    await manager.apply(applied, changes)
    await this.#write(changes, { manager, store })
    this.#events.push(...applied.map(({ event }) => event))
    manager.committed(applied)
  }

  async #write(changes: readonly StoreChange[], { manager, store }: Omit<Life, 'intake'>): Promise<void> {
    this.lastChanges = changes
    try {
      await store.write(changes)
    } catch (error) {
      manager.rolledBack()
      throw error
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }
}

/** What is durable at this instant: commits of the killed life that are still under way must not reach the next one. */
function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk()
  for (const [key, value] of disk.records.walk({ from: ' ', to: '~' })) copy.records.set(key, value)
  return copy
}
