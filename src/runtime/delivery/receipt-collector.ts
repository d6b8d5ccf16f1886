import type { EventIntake } from '../events/event-applier.js'
import type { Network } from '../model/network.js'
import type { Receipt } from '../model/receipt.js'

interface Waiting {
  readonly receipt: Receipt
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Hands a network's receipts to the intake; those that come while one hand-over is under way share the next. */
export class ReceiptCollector {
  readonly #network: Network
  readonly #intake: EventIntake
  #waiting: Waiting[] = []
  #busy = false

  constructor(network: Network, intake: EventIntake) {
    this.#network = network
    this.#intake = intake
  }

  /** Resolves once the receipt is durable. @throws what the intake throws */
  add(receipt: Receipt): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ receipt, resolve, reject })
      // `#handOver` passes every failure on to those who wait.
      if (!this.#busy) void this.#handOver()
    })
  }

  async #handOver(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#intake.receive(this.#network, { events: [], receipts: batch.map(({ receipt }) => receipt), retracted: [] })
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#busy = false
  }
}
