import type { EventLists, NetworkRows } from '../networks/provider-parts.js'
import type { KeyStore, StoredKey } from '../storage/key-store.js'

/** Rows of a network in memory. */
export class MemoryRows implements NetworkRows {
  readonly #rows = new Map<string, Uint8Array>()

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#rows.get(key))
  }

  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    return Promise.resolve([...this.#rows].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  write(changes: readonly (readonly [string, Uint8Array | undefined])[]): Promise<void> {
    for (const [key, value] of changes) {
      if (value === undefined) this.#rows.delete(key)
      else this.#rows.set(key, value)
    }
    return Promise.resolve()
  }
}

/** Keys in memory. */
export class MemoryKeys implements KeyStore {
  readonly needsExtractable = false
  readonly #keys = new Map<string, StoredKey>()

  get(name: string): Promise<StoredKey | undefined> {
    return Promise.resolve(this.#keys.get(name))
  }

  put(name: string, key: StoredKey): Promise<void> {
    this.#keys.set(name, key)
    return Promise.resolve()
  }
}

/** A device where nothing keeps content. */
export const NO_LISTS: EventLists = {
  state: () => ({ ready: false, reason: 'No storage here.' }),
  onChange: () => () => undefined,
  put: () => Promise.reject(new Error('no storage here')),
  get: () => Promise.reject(new Error('no storage here')),
}
