import { GroupCommitStore, closedError } from '../group-commit.js'
import type { BackendPage, StoreBackend } from '../group-commit.js'
import type { KeyStore, StoredKey } from '../key-store.js'
import type { Layer } from '../merge-layers.js'
import type { OpenedStore } from '../opened-store.js'
import type { DamagedRecord, KeyRange, StoreEntry } from '../store.js'
import { MemoryDisk } from './memory-disk.js'

export interface MemoryStoreOptions {
  /** What an earlier store left; default: empty. */
  readonly disk?: MemoryDisk
}

/** Entries per page: small, so that tests cross page boundaries. */
const PAGE_ENTRIES = 64

/** A store that forgets with its disk: for tests, and for browsers that refuse to keep anything. */
export function openMemoryStore(options: MemoryStoreOptions = {}): Promise<OpenedStore> {
  const disk = options.disk ?? new MemoryDisk()
  const backend = new MemoryBackend(disk)
  return Promise.resolve({ store: new GroupCommitStore(backend), keys: new MemoryKeys(disk, backend) })
}

class MemoryBackend implements StoreBackend {
  readonly #disk: MemoryDisk
  closed = false

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#disk.records.get(key))
  }

  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#disk.records.get(key)))
  }

  read(range: KeyRange, pages: number): Promise<BackendPage> {
    const most = Math.min(range.limit ?? Infinity, pages * PAGE_ENTRIES)
    const entries: StoreEntry[] = []
    for (const [key, value] of this.#disk.records.walk(range)) {
      if (entries.length === most) return Promise.resolve({ entries, rest: restAt(range, entries, key) })
      entries.push([key, value])
    }
    return Promise.resolve({ entries, rest: undefined })
  }

  async commit(changes: Layer): Promise<void> {
    await this.#disk.admit()
    for (const [key, value] of changes.entries()) {
      if (value === undefined) this.#disk.records.delete(key)
      else this.#disk.records.set(key, value)
    }
  }

  damaged(): readonly DamagedRecord[] {
    return this.#disk.damaged
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

/** `next` is the first key that was left out. */
function restAt(range: KeyRange, entries: readonly StoreEntry[], next: string): KeyRange {
  if (range.reverse !== true) return { ...range, from: next }
  return { ...range, to: entries.at(-1)?.[0] ?? range.to }
}

class MemoryKeys implements KeyStore {
  readonly needsExtractable = false
  readonly #disk: MemoryDisk
  readonly #backend: MemoryBackend

  constructor(disk: MemoryDisk, backend: MemoryBackend) {
    this.#disk = disk
    this.#backend = backend
  }

  get(name: string): Promise<StoredKey | undefined> {
    if (this.#backend.closed) return Promise.reject(closedError())
    return Promise.resolve(this.#disk.keys.get(name))
  }

  put(name: string, key: StoredKey): Promise<void> {
    if (this.#backend.closed) return Promise.reject(closedError())
    this.#disk.keys.set(name, key)
    return Promise.resolve()
  }
}
