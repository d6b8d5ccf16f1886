import { NETWORKS } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { Platform } from '../platform/platform.js'
import type { Store, StoreChange } from '../storage/store.js'

/** What a network may use; Infinity where nothing limits it. */
export interface Budget {
  readonly lamportsPerDay: number
  /** Bytes ever handed to it. */
  readonly bytes: number
  readonly requestsPerSecond: number
}

export interface Spent {
  /** Days since 1970, UTC, that `lamports` counts. */
  readonly day: number
  readonly lamports: number
  readonly bytes: number
}

type Limiting = { readonly [N in Network]?: Partial<Budget> }

const UNLIMITED: Budget = { lamportsPerDay: Infinity, bytes: Infinity, requestsPerSecond: Infinity }
const NOTHING: Spent = { day: 0, lamports: 0, bytes: 0 }
const DAY = 86_400_000
const text = { encoder: new TextEncoder(), decoder: new TextDecoder() }

/** What was spent is kept in the store, in the transaction that records the receipt it was spent on. */
export class Budgets {
  readonly #store: Store
  readonly #platform: Platform
  #budgets: Limiting
  readonly #spent = new Map<Network, Spent>()
  readonly #requests = new Map<Network, { second: number; count: number }>()

  constructor(parts: { readonly store: Store; readonly platform: Platform; readonly budgets: Limiting }) {
    this.#store = parts.store
    this.#platform = parts.platform
    this.#budgets = parts.budgets
  }

  /** Takes the place of all budgets; what was spent counts on. */
  set(budgets: Limiting): void {
    this.#budgets = budgets
  }

  /** Reads what was spent; again after a transaction failed. */
  async load(): Promise<void> {
    const rows = await this.#store.getMany(NETWORKS.map(rowKey))
    NETWORKS.forEach((network, index) => this.#spent.set(network, parseSpent(rows[index])))
  }

  left(network: Network): { readonly lamports: number; readonly bytes: number; readonly requests: number } {
    const { lamportsPerDay, bytes, requestsPerSecond } = this.#budgetOf(network)
    return {
      lamports: Math.max(0, lamportsPerDay - this.spentToday(network)),
      bytes: Math.max(0, bytes - this.#spentOf(network).bytes),
      requests: Math.max(0, requestsPerSecond - this.#requestsNow(network)),
    }
  }

  /** Lamports since midnight UTC. */
  spentToday(network: Network): number {
    const { day, lamports } = this.#spentOf(network)
    return day === this.#today() ? lamports : 0
  }

  /** Bytes ever handed to it. */
  bytesSpent(network: Network): number {
    return this.#spentOf(network).bytes
  }

  /** Adds to what was spent, and its row to the transaction. */
  spend(network: Network, amount: { readonly lamports: number; readonly bytes: number }, changes: StoreChange[]): void {
    const spent = {
      day: this.#today(),
      lamports: this.spentToday(network) + amount.lamports,
      bytes: this.#spentOf(network).bytes + amount.bytes,
    }
    this.#spent.set(network, spent)
    changes.push([rowKey(network), text.encoder.encode(JSON.stringify(spent))])
  }

  countRequest(network: Network): void {
    const count = this.#requestsNow(network) + 1
    this.#requests.set(network, { second: this.#second(), count })
  }

  /** Milliseconds until the lamports of a day are there again. */
  untilMidnight(): number {
    return DAY - (this.#platform.now() % DAY)
  }

  #budgetOf(network: Network): Budget {
    return { ...UNLIMITED, ...this.#budgets[network] }
  }

  #spentOf(network: Network): Spent {
    return this.#spent.get(network) ?? NOTHING
  }

  #requestsNow(network: Network): number {
    const window = this.#requests.get(network)
    return window?.second === this.#second() ? window.count : 0
  }

  #today(): number {
    return Math.floor(this.#platform.now() / DAY)
  }

  #second(): number {
    return Math.floor(this.#platform.now() / 1000)
  }
}

function rowKey(network: Network): string {
  return `+/b/${network}`
}

/** A row that can't be read counts as nothing spent: the store reports the damage. */
function parseSpent(row: Uint8Array | undefined): Spent {
  if (row === undefined) return NOTHING
  const fields: unknown = JSON.parse(text.decoder.decode(row))
  if (typeof fields !== 'object' || fields === null) return NOTHING
  const { day, lamports, bytes }: { readonly [key: string]: unknown } = { ...fields }
  return typeof day === 'number' && typeof lamports === 'number' && typeof bytes === 'number' ? { day, lamports, bytes } : NOTHING
}
