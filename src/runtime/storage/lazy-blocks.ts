import type { BlockStore } from './block-store.js'
import { closedError } from './group-commit.js'

/** A device's blocks: opened when first asked for, once; asked for again after an opening that failed. */
export class LazyBlocks {
  readonly #openBlocks: () => Promise<BlockStore>
  #opened: Promise<BlockStore> | undefined
  #closed = false

  constructor(openBlocks: () => Promise<BlockStore>) {
    this.#openBlocks = openBlocks
  }

  /** @throws SpiceTimeError STORAGE_CLOSED, and as the opening fails */
  open(): Promise<BlockStore> {
    if (this.#closed) return Promise.reject(closedError())
    this.#opened ??= this.#openBlocks().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async close(): Promise<void> {
    this.#closed = true
    // What could not be opened was told to who asked for it.
    const store = await this.#opened?.catch(() => undefined)
    await store?.close()
  }
}
