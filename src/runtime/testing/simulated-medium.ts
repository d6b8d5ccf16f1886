import type { EventId } from '../model/event.js'
import type { Level, Network, Requirement } from '../model/network.js'
import type { ChainOrder } from '../model/receipt.js'
import type { ProviderEvent } from '../networks/provider.js'
import type { ManualPlatform } from './manual-platform.js'
import type { SimulatedSnapshots } from './simulated-snapshots.js'

/** What goes wrong on the way. Probabilities are 0 to 1. */
export interface Faults {
  /** Milliseconds, from and to. */
  readonly latency: readonly [least: number, most: number]
  /** A call to the network is lost, or its answer is. */
  readonly loss: number
  /** What came once comes again. */
  readonly duplication: number
  /** What was sent takes ten times as long, and is overtaken. */
  readonly reordering: number
}

export interface SimulatedSettings {
  readonly platform: ManualPlatform
  readonly network: Network
  readonly requirements: readonly Requirement[]
  readonly ordering: 'none' | 'total'
  readonly maxEventBytes: number
  readonly batch: number
  readonly cost: number
  faults: Faults
  /** Where the network keeps snapshots, if it does. */
  readonly snapshots?: SimulatedSnapshots
}

/** What the network says of one event. */
export interface Standing {
  readonly level: Level
  readonly reference: string
  readonly order?: ChainOrder
}

/** One piece of news for a replica, in the order in which it became known there. */
export type News =
  | { readonly kind: 'event'; readonly event: ProviderEvent }
  | { readonly kind: 'standing'; readonly id: EventId; readonly standing: Standing }
  | { readonly kind: 'retracted'; readonly id: EventId }
  /** All that was said before is void. */
  | { readonly kind: 'reset' }

/** How a simulated network moves events; one replica sees it only through its own news. */
export interface SimulatedMedium {
  join(replica: string): void
  /** Whether that replica can call the network now. */
  reachable(replica: string): boolean
  /** Idempotent by EventId. */
  take(replica: string, event: ProviderEvent): Standing
  news(replica: string): readonly News[]
  /** The partition ended. */
  healed(): void
  rollBack(slots: number): number
  /** Forgets everything, as another network in its place would know nothing. */
  exchange(): void
}

/** Whether one replica reaches another. */
export type Reaches = (one: string, other: string) => boolean
