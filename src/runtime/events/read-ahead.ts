import type { KeyRange, Store, StoreEntry } from '../storage/store.js'

/** Reads of a store, some of them done before: many keys at once cost little more than one. For who reads while nobody else writes. */
export class ReadAhead implements Pick<Store, 'get' | 'getMany' | 'range'> {
  readonly #store: Store
  readonly #known = new Map<string, Uint8Array | undefined>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads them all at once, for later. */
  async load(keys: Iterable<string>): Promise<void> {
    const unknown = [...new Set(keys)].filter((key) => !this.#known.has(key))
    const rows = unknown.length === 0 ? [] : await this.#store.getMany(unknown)
    for (const [index, key] of unknown.entries()) this.#known.set(key, rows[index])
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#known.has(key) ? this.#known.get(key) : await this.#store.get(key)
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.every((key) => this.#known.has(key))) return keys.map((key) => this.#known.get(key))
    return await this.#store.getMany(keys)
  }

  range(range: KeyRange): AsyncIterableIterator<readonly StoreEntry[]> {
    return this.#store.range(range)
  }
}
