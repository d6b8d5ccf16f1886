import { unwrap } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { Platform } from '../../platform/platform.js'
import type { BlockInfo, BlockStore, NamedBlock } from '../block-store.js'
import { closedError } from '../group-commit.js'
import { openDatabase } from './open-database.js'
import { overtakenError } from './packed/fence.js'
import { completed, result } from './requests.js'
import { storageFailure } from './storage-failure.js'

export interface IndexedDbBlockStoreOptions {
  readonly platform: Platform
  /** Of the device's database: the blocks lie in one beside it. */
  readonly name: string
  /** Milliseconds to wait for tabs with an older version to close; default 5000. */
  readonly blockedTimeout?: number
}

/** The size is part of the key, so that a list reads no bytes. */
type BlockKey = [name: string, bytes: number]

interface BlocksSchema extends DBSchema {
  blocks: { key: BlockKey; value: Uint8Array<ArrayBuffer> }
  /** `now` to the number of the last opening, and the number of each earlier one to a mark that it is over. */
  owner: { key: number | string; value: number | true }
}

const UPGRADES: readonly ((database: IDBPDatabase<BlocksSchema>) => void)[] = [
  (database) => {
    database.createObjectStore('blocks')
    database.createObjectStore('owner')
  },
]
const BLOCKED_TIMEOUT = 5000
const PAGE = 1024
const NOW = 'now'

/** The name of the blocks' database beside a device's. */
export function blocksDatabaseOf(name: string): string {
  return `${name}-blocks`
}

/**
 * Opens the blocks of a device in the browser's database. A later opening ends the right of this one to delete: an owner that wakes up after its lock was
 * stolen may still add blocks, which harms nobody, and take none away.
 * @throws SpiceTimeError STORAGE_UNAVAILABLE, STORAGE_VERSION_NEWER, STORAGE_BLOCKED, STORAGE_FULL, STORAGE_FAILED
 */
export async function openIndexedDbBlockStore(options: IndexedDbBlockStoreOptions): Promise<BlockStore> {
  let ended = false
  let end = (): void => {
    ended = true
  }
  const wrapped = await openDatabase<BlocksSchema>({
    name: blocksDatabaseOf(options.name),
    upgrades: UPGRADES,
    platform: options.platform,
    blockedTimeout: options.blockedTimeout ?? BLOCKED_TIMEOUT,
    onVersionChange: () => end(),
    onTerminated: () => end(),
  })
  const database: IDBDatabase = unwrap(wrapped)
  try {
    const store = new IndexedDbBlockStore(database, await begin(database))
    end = () => store.end()
    if (ended) store.end()
    return store
  } catch (error) {
    database.close()
    throw storageFailure(error, 'take the blocks over')
  }
}

/** The number of this opening. */
async function begin(database: IDBDatabase): Promise<number> {
  const transaction = database.transaction('owner', 'readwrite', { durability: 'relaxed' })
  const ended = completed(transaction)
  const owner = transaction.objectStore('owner')
  const known: unknown = await result<unknown>(owner.get(NOW))
  const previous = typeof known === 'number' ? known : 0
  owner.put(previous + 1, NOW)
  owner.put(true, previous)
  transaction.commit()
  await ended
  return previous + 1
}

class IndexedDbBlockStore implements BlockStore {
  readonly #database: IDBDatabase
  readonly #opening: number
  /** What is in flight. */
  readonly #work = new Set<Promise<unknown>>()
  #ended = false
  #closing: Promise<void> | undefined

  constructor(database: IDBDatabase, opening: number) {
    this.#database = database
    this.#opening = opening
  }

  /** The browser, or a newer build, wants the database: lets transactions in flight finish. */
  end(): void {
    this.#ended = true
    this.#database.close()
  }

  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#run('read a block', async () => {
      const value: unknown = await result<unknown>(this.#blocks().get(keysOf(name)))
      return value instanceof Uint8Array ? new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength) : undefined
    })
  }

  has(name: string): Promise<boolean> {
    return this.#run('look for a block', async () => (await result(this.#blocks().getKey(keysOf(name)))) !== undefined)
  }

  put(blocks: readonly NamedBlock[]): Promise<void> {
    return this.#run('store blocks', async () => {
      const there = this.#blocks()
      const keys = await Promise.all(blocks.map(([name]) => result(there.getKey(keysOf(name)))))
      const missing = blocks.filter((_, at) => keys[at] === undefined)
      if (missing.length === 0) return
      // Every request at once, and the end: whoever freezes in the middle holds up nobody.
      const transaction = this.#database.transaction('blocks', 'readwrite', { durability: 'strict' })
      const store = transaction.objectStore('blocks')
      for (const [name, bytes] of missing) store.put(bytes, [name, bytes.byteLength] satisfies BlockKey)
      transaction.commit()
      await completed(transaction)
    })
  }

  delete(names: readonly string[]): Promise<void> {
    return this.#run('delete blocks', async () => {
      const transaction = this.#database.transaction(['blocks', 'owner'], 'readwrite', { durability: 'strict' })
      const owner = transaction.objectStore('owner')
      // Fails, and the transaction with it, where a later opening has put its mark for this one.
      owner.add(true, this.#opening)
      owner.delete(this.#opening)
      const store = transaction.objectStore('blocks')
      for (const name of names) store.delete(keysOf(name))
      transaction.commit()
      await completed(transaction)
    })
  }

  async *list(): AsyncIterableIterator<readonly BlockInfo[]> {
    let query: IDBKeyRange | null = null
    while (true) {
      const range: IDBKeyRange | null = query
      const keys = await this.#run('list blocks', () => result(this.#blocks().getAllKeys(range, PAGE)))
      const found = keys.map((key) => infoOf(key))
      if (found.length > 0) yield found
      const last = keys.at(-1)
      if (last === undefined || keys.length < PAGE) return
      query = IDBKeyRange.lowerBound(last, true)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    await Promise.allSettled(this.#work)
    this.#database.close()
  }

  #blocks(): IDBObjectStore {
    return this.#database.transaction('blocks', 'readonly').objectStore('blocks')
  }

  #run<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined || this.#ended) return Promise.reject(closedError())
    const done = work().catch((error: unknown) => {
      throw this.#failure(error, doing)
    })
    this.#work.add(done)
    const forget = (): void => void this.#work.delete(done)
    done.then(forget, forget)
    return done
  }

  #failure(error: unknown, doing: string): SpiceTimeError {
    if (error instanceof DOMException && error.name === 'ConstraintError') return overtakenError(error)
    return this.#ended ? closedError() : storageFailure(error, doing)
  }
}

/** All keys of a block, whatever its size. */
function keysOf(name: string): IDBKeyRange {
  return IDBKeyRange.bound([name], [name, []])
}

function infoOf(key: IDBValidKey): BlockInfo {
  const [name, bytes]: readonly unknown[] = Array.isArray(key) ? key : []
  if (typeof name === 'string' && typeof bytes === 'number') return { name, bytes }
  throw new SpiceTimeError('STORAGE_FAILED', "The database of blocks has a key that is no block's; delete this site's data.")
}
