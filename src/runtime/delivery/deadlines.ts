import { isNetwork } from '../model/network.js'
import type { Network } from '../model/network.js'
import type { Platform } from '../platform/platform.js'
import type { Store } from '../storage/store.js'
import { deliveryKeys, positionIn } from './delivery-keys.js'

export interface DeadlineParts {
  readonly store: Store
  readonly platform: Platform
  /** Told once the deadline of a delivery that is still open passed; again a minute later while it stays open. */
  readonly expire: (network: Network, position: number) => void
  readonly failed: (error: unknown) => void
}

/** Until a deadline that passed is looked at again, in case that it could not be acted on. */
const PATIENCE = 60_000

/** Wakes deliveries whose deadline passes, connected or not. Only the earliest deadline is in memory. */
export class Deadlines {
  readonly #parts: DeadlineParts
  #started = false
  #cancel: () => void = () => undefined
  #nextAt = Infinity

  constructor(parts: DeadlineParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#started = true
    await this.#look()
  }

  stop(): void {
    this.#started = false
    this.#cancel()
  }

  /** Deliveries are open again: their deadlines may have passed meanwhile. */
  lookAgain(): void {
    if (this.#started) this.#set(this.#parts.platform.now())
  }

  /** A delivery with this deadline is durable. */
  added(deadline: number): void {
    if (this.#started && deadline < this.#nextAt) this.#set(deadline)
  }

  async #look(): Promise<void> {
    const { store, platform, expire } = this.#parts
    this.#nextAt = Infinity
    const now = platform.now()
    for await (const page of store.range(deliveryKeys.deadlines)) {
      for (const [key] of page) {
        const [, deadline = '', network] = key.split('/')
        if (Number(deadline) > now) return this.#set(Math.min(Number(deadline), this.#nextAt))
        if (isNetwork(network)) expire(network, positionIn(key))
        this.#nextAt = now + PATIENCE
      }
    }
    if (Number.isFinite(this.#nextAt)) this.#set(this.#nextAt)
  }

  #set(at: number): void {
    const { platform, failed } = this.#parts
    this.#cancel()
    if (!this.#started) return
    this.#nextAt = at
    this.#cancel = platform.after(Math.max(0, at - platform.now()), () => {
      this.#look().catch((error: unknown) => {
        failed(error)
        this.#set(this.#parts.platform.now() + PATIENCE)
      })
    })
  }
}
