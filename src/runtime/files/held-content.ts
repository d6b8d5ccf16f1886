import type { ProviderContent, StoredContent } from '../networks/content.js'

/** Remembers durably what is stored and named by no event yet, for a life that is killed in between. docs/decisions/0022. */
export interface UnnamedContent {
  /** @param known whether the content was kept before */
  note(cid: string, known: boolean): Promise<void>
  /** It was discarded. */
  forget(cid: string): Promise<void>
}

/**
 * Which content this life of the runtime has stored for events that are not accepted yet. A submit that fails discards its content, unless that was here
 * before, or another submit holds it: two that store the same file share one.
 */
export class HeldContent {
  readonly #holders = new Map<string, number>()
  /** Not ours to discard: kept before, or by an accepted event. */
  readonly #kept = new Set<string>()
  readonly #unnamed: UnnamedContent

  constructor(unnamed: UnnamedContent) {
    this.#unnamed = unnamed
  }

  /** All blocks are there, and nothing keeps them yet. */
  stored(cid: string, known: boolean): Promise<void> {
    return this.#unnamed.note(cid, known)
  }

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
    if (this.#letGo(cid) > 0 || this.#kept.has(cid)) return
    await content.discard(cid)
    await this.#unnamed.forget(cid)
  }

  #letGo(cid: string): number {
    const holders = (this.#holders.get(cid) ?? 1) - 1
    if (holders === 0) this.#holders.delete(cid)
    else this.#holders.set(cid, holders)
    return holders
  }
}
