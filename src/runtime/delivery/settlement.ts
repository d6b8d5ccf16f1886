import type { ReceiptChange } from '../events/event-applier.js'
import type { Delivery } from '../model/decision.js'
import type { EventId } from '../model/event.js'
import type { Network } from '../model/network.js'
import type { Receipt } from '../model/receipt.js'
import type { ResourceManager } from '../resources/resource-manager.js'
import type { Store, StoreChange } from '../storage/store.js'
import { awaited } from './decision-maker.js'
import { isOpen, step } from './delivery.js'
import type { Happening } from './delivery.js'
import { deliveryKeys } from './delivery-keys.js'
import { encodeEnded, encodeQueued, FRESH_ROW } from './delivery-rows.js'
import type { Flight, Flights } from './flights.js'
import type { Outbox, StoredDeliveries, StoredDelivery } from './outbox.js'
import type { QueueCounters } from './queue-counters.js'

export interface SettlementParts {
  readonly store: Store
  readonly outbox: Outbox
  readonly counters: QueueCounters
  readonly resources: ResourceManager
  readonly flights: Flights
}

/** A delivery that moved. */
export interface Moved {
  readonly position: number
  /** Where it is known: the log has it otherwise. */
  readonly event?: EventId
  readonly network: Network
  readonly phase: Delivery['phase']
  readonly reason?: string
}

type Change = readonly [StoredDelivery, Happening, Receipt | undefined]

/** Writes how deliveries end: by a receipt, in the transaction that records it, or here, when a network refuses or time runs out. */
export class Settlement {
  readonly #parts: SettlementParts
  /** Counts endings written here: what was read before one may be out of date. */
  #endings = 0
  #ending: Promise<unknown> = Promise.resolve()

  constructor(parts: SettlementParts) {
    this.#parts = parts
  }

  /** Adds what receipts change to the transaction that records them; gives what will have moved once it is durable. */
  async settle(all: readonly ReceiptChange[], changes: StoreChange[]): Promise<readonly Moved[]> {
    const receipts = all.filter(({ foreign }) => foreign !== true)
    const stored = await this.#readSteadily(receipts.map((receipt) => receipt.position))
    const moved: Moved[] = []
    receipts.forEach((receipt, index) => {
      const one = stored[index]
      if (one !== undefined) moved.push(...this.#settleEvent(receipt, one, changes))
    })
    this.#parts.counters.writeIntake(new Set(moved.map(({ network }) => network)), changes)
    return moved
  }

  /** Ends a delivery without a receipt, and with it those that wait for it. @throws SpiceTimeError STORAGE_FAILED and the like */
  end(flight: Flight, happening: Happening & { readonly kind: 'refused' | 'expired' }): Promise<readonly Moved[]> {
    // One after the other: each writes the count that the next one goes on from.
    const ended = this.#ending.then(() => this.#end(flight, happening))
    this.#ending = ended.catch(() => undefined)
    return ended
  }

  /** Writes that a delivery is to be tried again. */
  async requeue({ network, position, settled }: Flight, { attempts, nextAttemptAt, reason }: Delivery): Promise<void> {
    if (settled) return
    await this.#parts.store.write([
      [deliveryKeys.queued(network, position), encodeQueued({ attempts, retryAt: nextAttemptAt ?? 0, reason: reason ?? '' })],
    ])
  }

  async #readSteadily(positions: readonly number[]): Promise<readonly (StoredDeliveries | undefined)[]> {
    for (;;) {
      const endings = this.#endings
      const stored = await this.#parts.outbox.readMany(positions)
      if (endings === this.#endings) return stored
    }
  }

  #settleEvent(receipt: ReceiptChange, stored: StoredDeliveries, changes: StoreChange[]): Moved[] {
    const { position, event } = receipt
    const moves = stored.deliveries.flatMap((one): Change[] => {
      const before = receiptOf(receipt.before, one.delivery.network)
      const after = receiptOf(receipt.after, one.delivery.network)
      if (after !== undefined) return [[one, { kind: 'answered', level: after.level }, after]]
      return before === undefined
        ? []
        : [[one, { kind: 'retracted', reason: `${one.delivery.network} took it back; it is sent again.` }, undefined]]
    })
    const answered = moves.map(([{ delivery }]) => delivery.network)
    return moves.flatMap(([one, happening, answer]) => {
      const next = step(one.delivery, happening)
      if (next === one.delivery) return []
      const { network } = next
      if (next.phase === 'delivered') this.#deliver(one, { next, stored, answer }, changes)
      else this.#takeBack(next, stored, changes)
      this.#parts.flights.settle(network, position)
      const released = next.phase === 'delivered' ? this.#release(network, { stored, answered }, changes) : []
      return [{ position, event, network, phase: next.phase, ...(next.reason === undefined ? {} : { reason: next.reason }) }, ...released]
    })
  }

  #deliver(
    one: StoredDelivery,
    { next, stored, answer }: { next: Delivery; stored: StoredDeliveries; answer: Receipt | undefined },
    changes: StoreChange[],
  ): void {
    const { network, level } = next
    const { last: position, deadline } = stored.record
    const { counters, resources, flights } = this.#parts
    const flight = flights.get(network, position)
    const attempts = flight?.delivery?.attempts ?? next.attempts
    changes.push([
      deliveryKeys.ended(network, position),
      encodeEnded({ phase: 'delivered', attempts, ...(level === undefined ? {} : { level }) }),
    ])
    if (one.delivery.phase === 'delivered') return
    counters.count(network, { queued: isOpen(one.delivery.phase) ? -1 : 0, delivered: 1 })
    if (one.queued) changes.push([deliveryKeys.queued(network, position), undefined])
    if (deadline !== undefined) changes.push([deliveryKeys.deadline(deadline, network, position), undefined])
    resources.spend(network, { lamports: answer?.cost ?? 0, bytes: flight?.bytes ?? 0 }, changes)
  }

  #takeBack({ network, reason = '' }: Delivery, { record }: StoredDeliveries, changes: StoreChange[]): void {
    const { last: position, deadline } = record
    changes.push(
      [deliveryKeys.ended(network, position), undefined],
      [deliveryKeys.queued(network, position), encodeQueued({ attempts: 0, retryAt: 0, reason })],
    )
    if (deadline !== undefined) changes.push([deliveryKeys.deadline(deadline, network, position), new Uint8Array([1])])
    this.#parts.counters.count(network, { queued: 1, delivered: -1 })
  }

  /** Queues what waited for that network, unless its own answer is here too. */
  #release(
    network: Network,
    { stored, answered }: { stored: StoredDeliveries; answered: readonly Network[] },
    changes: StoreChange[],
  ): Moved[] {
    const waiting = waitingFor(network, stored).filter(({ delivery }) => !answered.includes(delivery.network))
    return waiting.map(({ delivery }) => {
      changes.push([deliveryKeys.queued(delivery.network, stored.record.last), FRESH_ROW])
      return { position: stored.record.last, network: delivery.network, phase: 'queued' }
    })
  }

  async #end(flight: Flight, happening: Happening & { readonly kind: 'refused' | 'expired' }): Promise<readonly Moved[]> {
    const { network, position } = flight
    const stored = await this.#parts.outbox.read(position)
    const one = stored?.deliveries.find(({ delivery }) => delivery.network === network)
    if (stored === undefined || one === undefined || flight.settled || !isOpen(one.delivery.phase)) return []
    const attempts = flight.delivery?.attempts ?? one.delivery.attempts
    const ended = [{ one, attempts, kind: happening.kind, reason: happening.reason }]
    for (const waiting of waitingFor(network, stored)) {
      ended.push({
        one: waiting,
        attempts: 0,
        kind: 'refused',
        reason: `It waited for ${one.delivery.requirement}, and that ended: ${happening.reason}`,
      })
    }
    const changes = ended.flatMap(({ one: { delivery, queued }, attempts: tries, kind, reason }) => {
      const rows: StoreChange[] = [[deliveryKeys.ended(delivery.network, position), encodeEnded({ phase: kind, attempts: tries, reason })]]
      if (queued) rows.push([deliveryKeys.queued(delivery.network, position), undefined])
      if (stored.record.deadline !== undefined)
        rows.push([deliveryKeys.deadline(stored.record.deadline, delivery.network, position), undefined])
      this.#parts.counters.endHere(delivery.network, rows)
      return rows
    })
    this.#endings++
    try {
      await this.#parts.store.write(changes)
    } catch (error) {
      await this.#parts.counters.loadHere()
      throw error
    }
    return ended.map(({ one: { delivery }, kind, reason }) => ({ position, network: delivery.network, phase: kind, reason }))
  }
}

function receiptOf(receipts: readonly Receipt[], network: Network): Receipt | undefined {
  return receipts.find((receipt) => receipt.network === network)
}

/** Deliveries that are held back until that network has the event. */
function waitingFor(network: Network, { deliveries, legs }: StoredDeliveries): readonly StoredDelivery[] {
  return deliveries.filter(
    ({ delivery, queued }) =>
      !queued && isOpen(delivery.phase) && awaited(delivery.requirement, delivery.network, legs)?.network === network,
  )
}
