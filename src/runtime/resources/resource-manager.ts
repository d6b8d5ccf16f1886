import type { Network } from '../model/network.js'
import type { Capabilities, Quote } from '../networks/provider.js'
import type { Platform } from '../platform/platform.js'
import type { Store, StoreChange } from '../storage/store.js'
import { Budgets } from './budgets.js'
import type { Budget } from './budgets.js'
import { Measurements } from './measurements.js'
import type { Measured } from './measurements.js'
import { quotaNumbers } from './quota.js'
import type { QuotaNumbers, StorageFacts } from './quota.js'

export type { Budget } from './budgets.js'

export interface ResourceParts {
  readonly store: Store
  readonly platform: Platform
  /** Default: unlimited. */
  readonly budgets?: { readonly [N in Network]?: Partial<Budget> }
  readonly limits?: { readonly [N in Network]?: Limits }
  readonly storageFacts?: () => Promise<StorageFacts>
}

export interface Limits {
  /** Calls to the network at one time. */
  readonly concurrency: number
  /** Milliseconds that a first event waits for others to share its call. */
  readonly batchWindow: number
}

export interface BudgetNumbers {
  /** In lamports, until midnight UTC. */
  readonly lamports: number
  readonly bytes: number
  /** In the present second. */
  readonly requests: number
}

const FREE_LIMITS: Limits = { concurrency: 8, batchWindow: 0 }
const PAID_LIMITS: Limits = { concurrency: 4, batchWindow: 200 }

/** The numbers that the router and the deliveries go by: what was measured, spent and is left. Decides nothing. */
export class ResourceManager {
  readonly #parts: ResourceParts
  readonly #measurements = new Measurements()
  readonly #budgets: Budgets

  private constructor(parts: ResourceParts) {
    this.#parts = parts
    this.#budgets = new Budgets({ store: parts.store, platform: parts.platform, budgets: parts.budgets ?? {} })
  }

  static async open(parts: ResourceParts): Promise<ResourceManager> {
    const manager = new ResourceManager(parts)
    await manager.reload()
    return manager
  }

  /** Reads again what is durable; after a transaction failed. */
  reload(): Promise<void> {
    return this.#budgets.load()
  }

  measured(network: Network): Measured {
    return this.#measurements.of(network)
  }

  /** @param latency milliseconds from sending to the answer */
  succeeded(network: Network, latency: number): void {
    this.#measurements.succeeded(network, latency)
  }

  failed(network: Network): void {
    this.#measurements.failed(network)
  }

  /** The provider's quote with what was measured in place of what it expects, rounded so that equal conditions look equal. */
  corrected(network: Network, quote: Quote): Quote {
    const { latency, success } = this.measured(network)
    return {
      cost: quote.cost,
      latency: roundLatency(latency ?? quote.latency),
      success: Math.round(Math.min(quote.success, success) * 20) / 20,
    }
  }

  /** Takes the place of all budgets; what was spent counts on. */
  setBudgets(budgets: NonNullable<ResourceParts['budgets']>): void {
    this.#budgets.set(budgets)
  }

  budgetLeft(network: Network): BudgetNumbers {
    return this.#budgets.left(network)
  }

  /** In lamports, since midnight UTC. */
  spentToday(network: Network): number {
    return this.#budgets.spentToday(network)
  }

  /** Bytes of events ever handed to it. */
  bytesSpent(network: Network): number {
    return this.#budgets.bytesSpent(network)
  }

  spend(network: Network, amount: { readonly lamports: number; readonly bytes: number }, changes: StoreChange[]): void {
    this.#budgets.spend(network, amount, changes)
  }

  countRequest(network: Network): void {
    this.#budgets.countRequest(network)
  }

  /** Milliseconds. */
  untilMidnight(): number {
    return this.#budgets.untilMidnight()
  }

  limits(network: Network, capabilities: Capabilities): Limits {
    return this.#parts.limits?.[network] ?? (capabilities.cost === 'free' ? FREE_LIMITS : PAID_LIMITS)
  }

  async quota(): Promise<QuotaNumbers> {
    return quotaNumbers((await this.#parts.storageFacts?.()) ?? { usage: undefined, quota: undefined })
  }
}

/** To two significant digits. */
function roundLatency(milliseconds: number): number {
  return milliseconds <= 0 ? 0 : Number(milliseconds.toPrecision(2))
}
