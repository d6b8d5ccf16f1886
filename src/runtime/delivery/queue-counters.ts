import { decodeItems, encode } from '../codec/dag-cbor.js'
import { NETWORKS } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { Store, StoreChange } from '../storage/store.js'
import { deliveryKeys } from './delivery-keys.js'

interface Counts {
  queued: number
  delivered: number
}

/**
 * How many deliveries wait and how many were made, for each network, kept in the transactions that change them, so that a start counts nothing.
 * The intake's transactions and the deliveries' own are written in two orders, so each has rows of its own, and the sum is the count.
 */
export class QueueCounters {
  readonly #store: Store
  readonly #byIntake = new Map<Network, Counts>()
  readonly #here = new Map<Network, Counts>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads what the intake counted; again after one of its transactions failed. */
  loadIntake(): Promise<void> {
    return this.#load(this.#byIntake, deliveryKeys.countedByIntake)
  }

  /** Reads what the deliveries counted themselves; again after one of their writes failed. */
  loadHere(): Promise<void> {
    return this.#load(this.#here, deliveryKeys.countedHere)
  }

  queued(network: Network): number {
    return Math.max(0, (this.#byIntake.get(network)?.queued ?? 0) + (this.#here.get(network)?.queued ?? 0))
  }

  delivered(network: Network): number {
    return this.#byIntake.get(network)?.delivered ?? 0
  }

  /** Counts in a transaction of the intake; `writeIntake` adds the rows. */
  count(network: Network, by: { readonly queued: number; readonly delivered: number }): void {
    const counts = this.#byIntake.get(network) ?? { queued: 0, delivered: 0 }
    this.#byIntake.set(network, { queued: counts.queued + by.queued, delivered: counts.delivered + by.delivered })
  }

  writeIntake(networks: Iterable<Network>, changes: StoreChange[]): void {
    for (const network of networks) changes.push([deliveryKeys.countedByIntake(network), encodeCounts(this.#byIntake.get(network))])
  }

  /** One delivery ended without a receipt, in a write of the deliveries' own. */
  endHere(network: Network, changes: StoreChange[]): void {
    const counts = this.#here.get(network) ?? { queued: 0, delivered: 0 }
    this.#here.set(network, { ...counts, queued: counts.queued - 1 })
    changes.push([deliveryKeys.countedHere(network), encodeCounts(this.#here.get(network))])
  }

  async #load(counts: Map<Network, Counts>, keyOf: (network: Network) => string): Promise<void> {
    const rows = await this.#store.getMany(NETWORKS.map(keyOf))
    NETWORKS.forEach((network, index) => counts.set(network, parseCounts(rows[index])))
  }
}

function encodeCounts({ queued, delivered }: Counts = { queued: 0, delivered: 0 }): Uint8Array {
  return encode([queued, delivered])
}

function parseCounts(row: Uint8Array | undefined): Counts {
  const [queued, delivered] = row === undefined ? [] : decodeItems(row)
  return { queued: typeof queued === 'number' ? queued : 0, delivered: typeof delivered === 'number' ? delivered : 0 }
}
