import type { Diagnostics } from '../diagnostics/diagnostics.js'
import { asSpiceTimeError } from '../errors/spice-time-error.js'
import type { AppliedEvent, EventApplier, EventIntake, ReceiptApplier, ReceiptChange } from '../events/event-applier.js'
import type { EventSource } from '../events/event-source.js'
import type { Decision, Delivery } from '../model/decision.js'
import type { Network } from '../model/network.js'
import type { NetworkProvider } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { ResourceManager } from '../resources/resource-manager.js'
import type { RoutingPolicy } from '../model/routing-policy.js'
import type { Store, StoreChange } from '../storage/store.js'
import type { KeepBody } from './attempt.js'
import { Deadlines } from './deadlines.js'
import { DecisionBook } from './decision-book.js'
import { DecisionMaker } from './decision-maker.js'
import { Enrolment } from './enrolment.js'
import { Flights } from './flights.js'
import { NetworkLoop } from './network-loop.js'
import { Outbox } from './outbox.js'
import { QueueCounters } from './queue-counters.js'
import { ReceiptCollector } from './receipt-collector.js'
import { Settlement } from './settlement.js'
import type { Moved } from './settlement.js'

export type { KeepBody } from './attempt.js'
export type { Moved } from './settlement.js'

export interface DeliveryParts {
  readonly store: Store
  readonly platform: Platform
  readonly diagnostics: Diagnostics
  readonly resources: ResourceManager
  /** One for each network; started and stopped by their owner. */
  readonly providers: readonly NetworkProvider[]
  readonly events: EventSource
  readonly intake: EventIntake
  /** Replaces own events at these positions, which were never sent, by fewer that supersede them; absent: nothing is merged. */
  readonly supersede?: (positions: readonly number[]) => Promise<void>
  /** Called before an own event that names its body goes out; absent: none does. */
  readonly keepBody?: KeepBody
}

/** What the deliveries keep in memory of the store. */
export interface DeliveryRecords {
  readonly book: DecisionBook
  readonly counters: QueueCounters
}

export async function readDeliveryRecords(store: Store): Promise<DeliveryRecords> {
  const counters = new QueueCounters(store)
  const [book] = await Promise.all([DecisionBook.open(store), counters.loadIntake(), counters.loadHere()])
  return { book, counters }
}

/**
 * Routes own events in the transaction that logs them, and takes them to their networks: queued durably, sent while the network is connected,
 * tried again until the network has them, refuses them or their deadline passes. Only this calls `provider.submitEvent`.
 */
export class DeliveryManager implements EventApplier, ReceiptApplier {
  readonly #parts: DeliveryParts
  readonly #book: DecisionBook
  readonly #counters: QueueCounters
  readonly #maker: DecisionMaker
  readonly #enrolment: Enrolment
  readonly #outbox: Outbox
  readonly #flights = new Flights()
  readonly #settlement: Settlement
  readonly #loops = new Map<Network, NetworkLoop>()
  readonly #deadlines: Deadlines
  readonly #listeners = new Set<(moved: readonly Moved[]) => void>()
  readonly #undo: (() => void)[] = []
  /** What the intake's transactions in flight will have moved, in their order. */
  #settling: (readonly Moved[])[] = []
  /** Positions from which on transactions in flight are not durable, in their order. */
  #unsure: number[] = []
  #reload: Promise<void> | undefined
  /** Diagnostics of what moved, in order. */
  #emitting: Promise<void> = Promise.resolve()

  constructor(parts: DeliveryParts, { book, counters }: DeliveryRecords) {
    const { store, platform, resources, providers } = parts
    this.#parts = parts
    this.#book = book
    this.#counters = counters
    this.#maker = new DecisionMaker({ platform, providers, resources, book })
    this.#enrolment = new Enrolment({ platform, maker: this.#maker, counters })
    this.#outbox = new Outbox(store, book)
    this.#settlement = new Settlement({ store, outbox: this.#outbox, counters, resources, flights: this.#flights })
    for (const provider of providers) if (provider.network !== 'local') this.#loops.set(provider.network, this.#loopOf(provider))
    this.#deadlines = new Deadlines({
      store,
      platform,
      expire: (network, position) => this.#loops.get(network)?.expire(position),
      failed: (error) => this.#report('watching deadlines', error),
    })
  }

  /** Begins to send what is queued. */
  async start(): Promise<void> {
    for (const provider of this.#parts.providers) this.#undo.push(provider.onStatus(() => this.#statusChanged(provider)))
    for (const loop of this.#loops.values()) loop.start()
    await this.#deadlines.start()
  }

  /** Decides by it from the next event on; what waits for a budget looks anew. What was decided stays decided. */
  setPolicy({ prefer, budgets = {} }: RoutingPolicy): void {
    this.#parts.resources.setBudgets(budgets)
    this.#maker.setPolicy(prefer)
    for (const loop of this.#loops.values()) loop.lookAgain()
  }

  /** Calls off what is under way; what is queued stays queued. */
  async stop(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo()
    this.#deadlines.stop()
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop()))
    await this.#emitting
  }

  /** @see EventApplier */
  apply(events: readonly AppliedEvent[], changes: StoreChange[]): void | Promise<void> {
    const replaced = events.flatMap((event) => event.replaced ?? [])
    if (this.#reload === undefined && replaced.length === 0) return this.#apply(events, changes)
    return this.#applyLater(events, changes)
  }

  committed(events: readonly AppliedEvent[]): void {
    const last = events.at(-1)?.position ?? 0
    this.#unsure = this.#unsure.filter((position) => position > last)
    const { networks, deadlines, decided } = this.#enrolment.committed(last)
    for (const decision of decided) this.#parts.diagnostics.emit({ kind: 'decision-made', ...decision })
    for (const deadline of deadlines) this.#deadlines.added(deadline)
    for (const network of networks) this.#loops.get(network)?.arrived()
  }

  async applyReceipts(receipts: readonly ReceiptChange[], changes: StoreChange[]): Promise<void> {
    await this.#reload
    this.#settling.push(await this.#settlement.settle(receipts, changes))
  }

  committedReceipts(): void {
    const moved = this.#settling.shift() ?? []
    for (const { network, position } of moved) this.#flights.settled(network, position)
    this.#tell(moved)
    const returned = moved.filter(({ phase }) => phase === 'queued')
    for (const { network, position } of returned) this.#loops.get(network)?.returned(position)
    if (returned.length > 0) this.#deadlines.lookAgain()
  }

  rolledBack(): void {
    const { resources } = this.#parts
    this.#settling = []
    this.#unsure = []
    this.#flights.unsettle()
    this.#book.forget()
    this.#maker.refresh()
    this.#outbox.forget()
    this.#enrolment.forget()
    const reload = Promise.all([this.#counters.loadIntake(), resources.reload()])
      .then(() => undefined)
      .catch((error: unknown) => this.#report('reading what is queued', error))
      .finally(() => {
        if (this.#reload === reload) this.#reload = undefined
      })
    this.#reload = reload
  }

  /** Undefined for an event that is not this device's own. */
  decisionOf(position: number): Promise<Decision | undefined> {
    return this.#outbox.decisionOf(position)
  }

  /** In the order of the decision's legs; empty for an event that is not this device's own. */
  async deliveriesOf(position: number): Promise<readonly Delivery[]> {
    const stored = await this.#outbox.read(position)
    if (stored === undefined) return []
    const { record, legs, deliveries } = stored
    const local = legs.filter((leg) => leg.network === 'local').map(({ requirement }) => localDelivery(requirement, record.at))
    return [...local, ...deliveries.map(({ delivery }) => this.#present(delivery, position))]
  }

  /** Deliveries that wait or are under way. */
  queuedCounts(): { readonly [N in Network]?: number } {
    return Object.fromEntries(this.#parts.providers.map(({ network }) => [network, this.#counters.queued(network)]))
  }

  deliveredCounts(): { readonly [N in Network]?: number } {
    return Object.fromEntries(this.#parts.providers.map(({ network }) => [network, this.#counters.delivered(network)]))
  }

  /** Told, in order, which deliveries moved. */
  onMoved(listener: (moved: readonly Moved[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #applyLater(events: readonly AppliedEvent[], changes: StoreChange[]): Promise<void> {
    await this.#reload
    const replaced = events.flatMap((event) => event.replaced ?? []).map(({ position }) => position)
    if (replaced.length > 0) {
      const stored = (await this.#outbox.readMany(replaced)).flatMap((one) => one ?? [])
      const { withdraw } = await import('./merging.js')
      withdraw(stored, { flights: this.#flights, counters: this.#counters }, changes)
    }
    this.#apply(events, changes)
  }

  #apply(events: readonly AppliedEvent[], changes: StoreChange[]): void {
    const first = events.at(0)?.position
    if (first !== undefined) this.#unsure.push(first)
    this.#enrolment.enrol(events, changes)
  }

  /** A delivery as it stands this moment: someone may be busy with it, or its network away. */
  #present(stored: Delivery, position: number): Delivery {
    const flight = this.#flights.get(stored.network, position)
    const delivery = stored.phase === 'queued' ? (flight?.delivery ?? this.#loops.get(stored.network)?.waiting(position) ?? stored) : stored
    if (delivery.phase !== 'queued') return delivery
    const status = this.#parts.providers.find(({ network }) => network === delivery.network)?.status()
    if (status === undefined || status.state === 'connected') return delivery
    const { nextAttemptAt: _later, ...waiting } = delivery
    return {
      ...waiting,
      reason: `${delivery.network} is ${status.state === 'not-connected' ? 'not connected' : status.state}${status.reason === undefined ? '.' : `: ${status.reason}`}`,
    }
  }

  #statusChanged(provider: NetworkProvider): void {
    const { state, reason } = provider.status()
    this.#maker.refresh()
    this.#parts.diagnostics.emit({ kind: 'network-changed', network: provider.network, state, ...(reason === undefined ? {} : { reason }) })
    this.#loops.get(provider.network)?.wake()
  }

  #loopOf(provider: NetworkProvider): NetworkLoop {
    const { platform, resources, diagnostics, events, intake, supersede, keepBody } = this.#parts
    return new NetworkLoop({
      provider,
      platform,
      resources,
      diagnostics,
      events,
      outbox: this.#outbox,
      settlement: this.#settlement,
      flights: this.#flights,
      receipts: new ReceiptCollector(provider.network, intake),
      ...(supersede === undefined ? {} : { supersede }),
      ...(keepBody === undefined ? {} : { keepBody }),
      durableBelow: () => this.#unsure[0] ?? Infinity,
      moved: (moved) => this.#tell(moved),
    })
  }

  /** Diagnostics name events by their ids, which may have to be read; a delivery that moved is news even when its event can't be read. */
  #tell(moved: readonly Moved[]): void {
    if (moved.length === 0) return
    for (const listener of this.#listeners) listener(moved)
    this.#emitting = this.#emitting
      .then(() => this.#emitMoves(moved))
      .catch((error: unknown) => this.#report('reporting deliveries', error))
  }

  async #emitMoves(moved: readonly Moved[]): Promise<void> {
    for (const { position, event = await this.#parts.events.idAt(position), network, phase, reason } of moved) {
      if (event !== undefined)
        this.#parts.diagnostics.emit({
          kind: 'delivery-moved',
          event,
          network,
          phase,
          ...(reason === undefined ? {} : { reason }),
        })
    }
  }

  #report(task: string, error: unknown): void {
    const { code, message } = asSpiceTimeError(error)
    this.#parts.diagnostics.emit({ kind: 'background-failed', task, code, reason: message })
  }
}

function localDelivery(requirement: Delivery['requirement'], at: number): Delivery {
  return { requirement, network: 'local', phase: 'delivered', level: 'local', attempts: 1, queuedAt: at }
}
