import type { Network, Requirement } from '../model/network.js'
import type { NetworkProvider } from '../networks/provider.js'
import type { ManualPlatform } from './manual-platform.js'
import { SimulatedChain } from './simulated-chain.js'
import { SimulatedGossip } from './simulated-gossip.js'
import type { Faults, SimulatedMedium, SimulatedSettings } from './simulated-medium.js'
import { SimulatedProvider } from './simulated-provider.js'
import { SimulatedSnapshots } from './simulated-snapshots.js'

export type { Faults } from './simulated-medium.js'

export interface SimulatedNetworkOptions {
  readonly platform: ManualPlatform
  readonly network: Network
  readonly requirements: readonly Requirement[]
  /** `none`: every replica holds what reached it. `total`: one chain of slots orders all. */
  readonly ordering?: 'none' | 'total'
  readonly faults?: Partial<Faults>
  readonly maxEventBytes?: number
  readonly batch?: number
  /** In lamports an event. */
  readonly cost?: number
  /** Events after which a member publishes a snapshot; without it the network keeps none. */
  readonly snapshotEvery?: number
}

const FAULTLESS: Faults = { latency: [10, 50], loss: 0, duplication: 0, reordering: 0 }

/**
 * A network of several replicas in memory, driven by a manual platform: everything it does is a function of the platform's seed. Levels are
 * earned as on real ones: `none` by how many replicas hold an event, `total` by how many slots lie on top of its own.
 */
export class SimulatedNetwork {
  /** Undefined where the network keeps none. */
  readonly snapshots: SimulatedSnapshots | undefined
  readonly #settings: SimulatedSettings
  readonly #medium: SimulatedMedium
  readonly #providers = new Map<string, SimulatedProvider>()
  #groups: readonly (readonly string[])[] | undefined

  constructor(options: SimulatedNetworkOptions) {
    const { ordering = 'none', maxEventBytes = 65_536, batch = 10, cost = 0, faults, snapshotEvery, ...rest } = options
    this.snapshots = snapshotEvery === undefined ? undefined : new SimulatedSnapshots(snapshotEvery)
    this.#settings = {
      ...rest,
      ordering,
      maxEventBytes,
      batch,
      cost,
      faults: { ...FAULTLESS, ...faults },
      ...(this.snapshots === undefined ? {} : { snapshots: this.snapshots }),
    }
    const reaches = (one: string, other: string): boolean => this.#reaches(one, other)
    this.#medium = ordering === 'total' ? new SimulatedChain(this.#settings, reaches) : new SimulatedGossip(this.#settings, reaches)
  }

  /** A replica's provider, not started; the same one for the same name. */
  join(name: string): NetworkProvider {
    return this.#provider(name)
  }

  /** Changes what goes wrong from now on. */
  setFaults(faults: Partial<Faults>): void {
    this.#settings.faults = { ...this.#settings.faults, ...faults }
  }

  /** Splits the replicas; a chain stays with the first group. Those named nowhere are alone. */
  partition(...groups: readonly (readonly string[])[]): void {
    this.#groups = groups
  }

  heal(): void {
    this.#groups = undefined
    this.#medium.healed()
  }

  /** The replica loses the network: its provider says so. */
  disconnect(name: string, reason = 'The simulated network is switched off for this replica.'): void {
    this.#provider(name).setAway(reason)
  }

  reconnect(name: string): void {
    this.#provider(name).setBack()
  }

  /** Takes the newest slots off the chain, as far as they are not final; their events are retracted. @returns how many events */
  rollBack(slots: number): number {
    return this.#medium.rollBack(slots)
  }

  /** Puts another network in its place, one that knows no event. */
  exchange(): void {
    this.#medium.exchange()
  }

  /** Tells the replica's runtime that a pull may bring something. */
  announce(name: string): void {
    this.#provider(name).announce()
  }

  /** Calls that reached the network from that replica. */
  contacts(name: string): number {
    return this.#provider(name).contacts
  }

  /** Bytes of events and snapshots that the network gave that replica. */
  bytesTo(name: string): number {
    return this.#provider(name).bytes
  }

  #provider(name: string): SimulatedProvider {
    const known = this.#providers.get(name)
    if (known !== undefined) return known
    const provider = new SimulatedProvider(name, this.#settings, this.#medium)
    this.#medium.join(name)
    this.#providers.set(name, provider)
    return provider
  }

  #reaches(one: string, other: string): boolean {
    return one === other || this.#groups === undefined || this.#groups.some((group) => group.includes(one) && group.includes(other))
  }
}
