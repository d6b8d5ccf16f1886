import { closedError } from '../group-commit.js'
import type { BlockInfo, BlockStore, NamedBlock } from '../block-store.js'

/** Blocks on one page of a list: few, so that tests cross page boundaries. */
const PAGE = 64

/** Blocks that go with this process: for tests, and for what must not stay on the device. */
export class MemoryBlockStore implements BlockStore {
  readonly #blocks: Map<string, Uint8Array<ArrayBuffer>>
  #closed = false

  /** @param blocks what an earlier store left */
  constructor(blocks: Map<string, Uint8Array<ArrayBuffer>> = new Map()) {
    this.#blocks = blocks
  }

  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#open(() => this.#blocks.get(name))
  }

  has(name: string): Promise<boolean> {
    return this.#open(() => this.#blocks.has(name))
  }

  put(blocks: readonly NamedBlock[]): Promise<void> {
    return this.#open(() => {
      for (const [name, bytes] of blocks) if (!this.#blocks.has(name)) this.#blocks.set(name, bytes)
    })
  }

  delete(names: readonly string[]): Promise<void> {
    return this.#open(() => {
      for (const name of names) this.#blocks.delete(name)
    })
  }

  async *list(): AsyncIterableIterator<readonly BlockInfo[]> {
    const all = await this.#open(() => Array.from(this.#blocks, ([name, { byteLength }]) => ({ name, bytes: byteLength })))
    for (let at = 0; at < all.length; at += PAGE) yield all.slice(at, at + PAGE)
  }

  close(): Promise<void> {
    this.#closed = true
    return Promise.resolve()
  }

  #open<T>(work: () => T): Promise<T> {
    return this.#closed ? Promise.reject(closedError()) : Promise.resolve(work())
  }
}
