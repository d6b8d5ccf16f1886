import { Lazy } from '../platform/lazy.js'
import type { BlockStore } from './block-store.js'
import { closedError } from './group-commit.js'

/** A device's blocks: opened when first asked for, once; asked for again after an opening that failed. */
export class LazyBlocks {
  readonly #opened: Lazy<BlockStore>
  #closed = false

  constructor(openBlocks: () => Promise<BlockStore>) {
    this.#opened = new Lazy(openBlocks)
  }

  /** @throws SpiceTimeError STORAGE_CLOSED, and as the opening fails */
  open(): Promise<BlockStore> {
    if (this.#closed) return Promise.reject(closedError())
    return this.#opened.get()
  }

  async close(): Promise<void> {
    this.#closed = true
    // What could not be opened was told to who asked for it.
    const store = await this.#opened.made()
    await store?.close()
  }
}
