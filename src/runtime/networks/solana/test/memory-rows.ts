import type { NetworkRows } from '../../provider-parts.js'

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
