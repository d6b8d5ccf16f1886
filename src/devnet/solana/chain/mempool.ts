import { signatureOf } from './block.js'
import type { WireTransaction } from './wire-transaction.js'

/** Transactions on their way to a block, in the order in which they came, each once. */
export class Mempool {
  #waiting = new Map<string, WireTransaction>()

  add(transaction: WireTransaction): void {
    const signature = signatureOf(transaction)
    if (!this.#waiting.has(signature)) this.#waiting.set(signature, transaction)
  }

  has(signature: string): boolean {
    return this.#waiting.has(signature)
  }

  /** Before all others. */
  addFirst(transactions: readonly WireTransaction[]): void {
    const others = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const transaction of [...transactions, ...others]) this.add(transaction)
  }

  take(): readonly WireTransaction[] {
    const all = [...this.#waiting.values()]
    this.#waiting = new Map()
    return all
  }
}
