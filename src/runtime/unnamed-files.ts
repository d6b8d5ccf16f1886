import { encode } from './codec/dag-cbor.js'
import type { AppliedEvent, EventApplier } from './events/event-applier.js'
import type { UnnamedContent } from './files/file-manager.js'
import { fileReference } from './model/file.js'
import type { ProviderContent } from './networks/content.js'
import { prefixRange } from './storage/store.js'
import type { Store, StoreChange } from './storage/store.js'

const UNNAMED = 'f/unnamed/'

/**
 * Rows of content that is stored for an event that is not accepted yet. The transaction that accepts one which names the content takes its row away; so what
 * has a row when a life begins was left by one that was killed in between, and goes. docs/decisions/0022.
 */
export class UnnamedFiles implements UnnamedContent, EventApplier {
  readonly #store: Store
  /** Those that have a row. */
  readonly #rows = new Set<string>()
  /** Those of earlier lives. */
  readonly #left = new Set<string>()
  #loading: Promise<void> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  async note(cid: string, known: boolean): Promise<void> {
    await this.#load()
    // What an earlier life left, and this one adds again, is this one's.
    if (!this.#left.delete(cid) && known) return
    this.#rows.add(cid)
    await this.#store.write([[UNNAMED + cid, encode(1)]])
  }

  async forget(cid: string): Promise<void> {
    await this.#store.write([[UNNAMED + cid, undefined]])
    this.#rows.delete(cid)
  }

  /**
   * Discards what earlier lives left. What can't be discarded now keeps its row, and is tried again by the next call.
   * @throws SpiceTimeError as the store and the content fail
   */
  async clean(contentOf: () => Promise<ProviderContent | undefined>): Promise<void> {
    await this.#load()
    const content = this.#left.size === 0 ? undefined : await contentOf()
    if (content === undefined) return
    for (const cid of [...this.#left]) {
      await content.discard(cid)
      if (this.#left.delete(cid)) await this.forget(cid)
    }
  }

  /** @see EventApplier */
  apply(events: readonly AppliedEvent[], changes: StoreChange[]): void {
    for (const cid of cidsOf(events)) if (this.#rows.has(cid)) changes.push([UNNAMED + cid, undefined])
  }

  committed(events: readonly AppliedEvent[]): void {
    for (const cid of cidsOf(events)) if (this.#rows.delete(cid)) this.#left.delete(cid)
  }

  /** A row that stays is known here as long as `committed` did not say otherwise. */
  rolledBack(): void {}

  #load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  async #read(): Promise<void> {
    for await (const page of this.#store.range(prefixRange(UNNAMED))) {
      for (const [key] of page) {
        this.#rows.add(key.slice(UNNAMED.length))
        this.#left.add(key.slice(UNNAMED.length))
      }
    }
  }
}

function cidsOf(events: readonly AppliedEvent[]): readonly string[] {
  return events.flatMap(({ event }) => fileReference(event.body.value)?.cid ?? [])
}
