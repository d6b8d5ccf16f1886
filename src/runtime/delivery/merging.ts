import type { Network } from '../model/network.js'
import type { StoreChange } from '../storage/store.js'
import type { LoopParts } from './attempt.js'
import { isOpen } from './delivery.js'
import { deliveryKeys } from './delivery-keys.js'
import type { Flights } from './flights.js'
import type { StoredDeliveries } from './outbox.js'
import type { QueueCounters } from './queue-counters.js'

/** Deliveries that are looked at together: a run of events that goes on beyond them becomes two. */
const PAGE = 4_096

/** Lets events that wait for a network that does not order them be merged before they are sent. Each is looked at once. */
export class Merging {
  readonly #parts: LoopParts
  /** The queue was looked at up to here. */
  #looked = 0

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** Looks at what waits from a position on, and was not looked at before. Nobody sends it meanwhile. */
  async merge(from: number): Promise<void> {
    const { supersede, outbox, provider, flights, durableBelow } = this.#parts
    if (supersede === undefined) return
    const { network } = provider
    const rows = await outbox.queuedFrom(network, Math.max(from, this.#looked), { below: durableBelow(), limit: PAGE })
    const fresh = rows.filter(({ row }) => row.attempts === 0 && row.retryAt === 0 && row.reason === '').map(({ position }) => position)
    const claimed = fresh.length < 2 ? [] : fresh.flatMap((position) => flights.begin(network, position) ?? [])
    try {
      const stored = await outbox.readMany(claimed.map(({ position }) => position))
      const positions = stored.flatMap((one) => (one !== undefined && isPlain(one) ? [one.record.last] : []))
      if (positions.length > 1) await supersede(positions)
    } finally {
      for (const flight of claimed) flights.end(flight)
    }
    this.#looked = Math.max(this.#looked, (rows.at(-1)?.position ?? 0) + 1)
  }
}

/** For this network alone, and without wishes that another event would not have. */
function isPlain({ record, deliveries }: StoredDeliveries): boolean {
  const { first, last, maxCost, deadline } = record
  return first === last && deliveries.length === 1 && maxCost === undefined && deadline === undefined
}

/** The events of these deliveries were superseded: what took their places is delivered in their stead. */
export function withdraw(
  all: readonly StoredDeliveries[],
  { flights, counters }: { readonly flights: Flights; readonly counters: QueueCounters },
  changes: StoreChange[],
): void {
  const touched = new Set<Network>()
  for (const { record, deliveries } of all) {
    const { last: position, deadline } = record
    changes.push([deliveryKeys.record(position), undefined])
    for (const { delivery } of deliveries) {
      const { network, phase } = delivery
      const flight = flights.get(network, position)
      if (flight !== undefined) flight.settled = true
      changes.push([deliveryKeys.queued(network, position), undefined], [deliveryKeys.ended(network, position), undefined])
      if (deadline !== undefined) changes.push([deliveryKeys.deadline(deadline, network, position), undefined])
      if (!isOpen(phase)) continue
      counters.count(network, { queued: -1, delivered: 0 })
      touched.add(network)
    }
  }
  counters.writeIntake(touched, changes)
}
