import { signatureOf } from './block.js'
import type { Block, Landed } from './block.js'

/** Which transactions are where: by signature, and by each address that they name. */
export class History {
  readonly #bySignature = new Map<string, Landed>()
  /** Oldest first. */
  readonly #byAddress = new Map<string, Landed[]>()

  add(block: Block): void {
    for (const landed of block.landed) {
      this.#bySignature.set(signatureOf(landed.transaction), landed)
      for (const address of new Set(landed.transaction.accountKeys)) {
        const list = this.#byAddress.get(address)
        if (list === undefined) this.#byAddress.set(address, [landed])
        else list.push(landed)
      }
    }
  }

  /** The newest block's, taken back. */
  remove(block: Block): void {
    for (const landed of block.landed) {
      this.#bySignature.delete(signatureOf(landed.transaction))
      for (const address of new Set(landed.transaction.accountKeys)) {
        const list = this.#byAddress.get(address) ?? []
        const kept = list.filter((other) => other.slot !== block.slot)
        this.#byAddress.set(address, kept)
      }
    }
  }

  find(signature: string): Landed | undefined {
    return this.#bySignature.get(signature)
  }

  /** Newest first, down from `before` and up to `until` (neither included), of slots up to `newestSlot`. */
  page(address: string, { before, until, limit, newestSlot }: Page): Landed[] {
    const list = this.#byAddress.get(address) ?? []
    const page: Landed[] = []
    const from = before === undefined ? list.length : firstNotBefore(list, before)
    for (let at = from - 1; at >= 0 && page.length < limit; at--) {
      const landed = list[at]
      if (landed === undefined || (until !== undefined && compare(landed, until) <= 0)) break
      if (landed.slot <= newestSlot) page.push(landed)
    }
    return page
  }
}

export interface Page {
  readonly before?: Landed | undefined
  readonly until?: Landed | undefined
  readonly limit: number
  readonly newestSlot: number
}

function compare(a: Landed, b: Landed): number {
  return a.slot - b.slot || a.index - b.index
}

/** How many of the list come before it. */
function firstNotBefore(list: readonly Landed[], landed: Landed): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const at = list[middle]
    if (at !== undefined && compare(at, landed) < 0) low = middle + 1
    else high = middle
  }
  return low
}
