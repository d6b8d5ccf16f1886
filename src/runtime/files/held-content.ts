import type { ProviderContent, StoredContent } from '../networks/content.js'

/**
 * Which content this life of the runtime has stored for events that are not accepted yet. A submit that fails releases its content, unless that was here
 * before, or another submit holds it: two that store the same file share one.
 */
export class HeldContent {
  readonly #holders = new Map<string, number>()
  /** Not ours to release: kept before, or by an accepted event. */
  readonly #kept = new Set<string>()

  hold({ cid, known }: StoredContent): void {
    const holders = this.#holders.get(cid) ?? 0
    if (known && holders === 0) this.#kept.add(cid)
    this.#holders.set(cid, holders + 1)
  }

  /** An event that names it was accepted. */
  keep(cid: string): void {
    this.#kept.add(cid)
    this.#letGo(cid)
  }

  /** The submit failed. */
  async drop(cid: string, content: ProviderContent): Promise<void> {
    if (this.#letGo(cid) === 0 && !this.#kept.has(cid)) await content.release(cid)
  }

  #letGo(cid: string): number {
    const holders = (this.#holders.get(cid) ?? 1) - 1
    if (holders === 0) this.#holders.delete(cid)
    else this.#holders.set(cid, holders)
    return holders
  }
}
