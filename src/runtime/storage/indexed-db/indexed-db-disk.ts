import { SpiceTimeError } from '../../errors/spice-time-error.js'
import type { CommitRow, DamagedRow, PackedDisk, PageRange, PageRow, PagesChange } from './packed/packed-disk.js'
import { completed, lastRecords, result, resultOrEmpty } from './requests.js'
import { storageFailure } from './storage-failure.js'

interface Purpose {
  readonly doing: string
  readonly durability: IDBTransactionDurability
}

/** Page keys that one read looks through at most. */
const KEYS_LISTED = 512

/**
 * The rows of a packed store in IndexedDB. Writes are strict: they are flushed to the disk before they resolve. Commits,
 * pages and reads lie in object stores of their own, so that they do not wait for one another.
 */
export class IndexedDbDisk implements PackedDisk {
  readonly #database: IDBDatabase
  readonly #onOvertaken: (error: SpiceTimeError) => void
  closed = false

  /** @param onOvertaken Another connection writes to the same log: this one must end. */
  constructor(database: IDBDatabase, onOvertaken: (error: SpiceTimeError) => void) {
    this.#database = database
    this.#onOvertaken = onOvertaken
  }

  async readCommits(sequence: number, count: number): Promise<readonly CommitRow[]> {
    return this.#read('commits', 'read the commit log', async (commits) => {
      const after = IDBKeyRange.lowerBound(sequence, true)
      const [keys, values] = await Promise.all([result(commits.getAllKeys(after, count)), result<unknown[]>(commits.getAll(after, count))])
      return values.map((bytes, at) => ({ sequence: Number(keys[at]), bytes: asBytes(bytes) }))
    })
  }

  /** Everything is asked for at once: no turn of the event loop lies between the first row and the commit. */
  appendCommits(rows: readonly CommitRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        const transaction = this.#database.transaction('commits', 'readwrite', { durability: 'strict' })
        const commits = transaction.objectStore('commits')
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(this.#commitFailure(transaction.error))
        for (const { sequence, bytes } of rows) commits.add(bytes, sequence)
        transaction.commit()
      } catch (error) {
        reject(this.#commitFailure(error))
      }
    })
  }

  deleteCommits(sequence: number): Promise<void> {
    // Rows that come back after a power cut are replayed and deleted again, so this need not be strict.
    return this.#write('commits', { doing: 'delete old commits', durability: 'relaxed' }, (transaction) => {
      transaction.objectStore('commits').delete(IDBKeyRange.upperBound(sequence))
    })
  }

  async readCovering(keys: readonly string[], count: number): Promise<readonly PageRow[]> {
    const [first = ''] = keys
    return this.#read('pages', 'read a page', async (pages) => {
      const above = IDBKeyRange.lowerBound(first, true)
      if (keys.length === 1) {
        const [[own], [upper]] = await Promise.all([
          lastRecords(pages, IDBKeyRange.upperBound(first), 1),
          result(pages.getAllKeys(above, 1)),
        ])
        return [{ key: own?.key ?? '', upper: asKey(upper), bytes: own?.bytes }]
      }
      const [own, others] = await Promise.all([
        result(pages.openKeyCursor(IDBKeyRange.upperBound(first), 'prev')),
        result(pages.getAllKeys(above, KEYS_LISTED)),
      ])
      const bounds = [asKey(own?.key) ?? '', ...others.map((key) => asKey(key) ?? '')]
      const wanted = pagesOf(keys, bounds, others.length === KEYS_LISTED).slice(0, count)
      return Promise.all(
        wanted.map(async (at) => {
          const key = bounds[at] ?? ''
          const bytes = at === 0 && own === null ? undefined : await resultOrEmpty(pages.get(key))
          return { key, upper: bounds[at + 1], bytes }
        }),
      )
    })
  }

  async readForward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    if (count === 1) return this.readCovering([range.from], 1)
    return this.#read('pages', 'read pages', async (pages) => {
      const [keys, values] = await Promise.all([
        result(pages.getAllKeys(IDBKeyRange.lowerBound(range.from), count + 1)),
        result<unknown[]>(pages.getAll(IDBKeyRange.bound(range.from, range.to, false, true), count)),
      ])
      const rows = values.map((value, at) => ({ key: asKey(keys[at]) ?? '', upper: asKey(keys[at + 1]), bytes: asBytes(value) }))
      // A walk goes on at a page's own key, if that page is still there; else the page before holds the beginning.
      if (asKey(keys[0]) === range.from) return rows
      const [own] = await lastRecords(pages, IDBKeyRange.upperBound(range.from), 1)
      return [{ key: own?.key ?? '', upper: asKey(keys[0]), bytes: own?.bytes }, ...rows]
    })
  }

  async readBackward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    return this.#read('pages', 'read pages', async (pages) => {
      const [records, [above]] = await Promise.all([
        lastRecords(pages, IDBKeyRange.upperBound(range.to, true), count),
        result(pages.getAllKeys(IDBKeyRange.lowerBound(range.to), 1)),
      ])
      const end = records.findIndex((record) => record.key <= range.from)
      const rows: PageRow[] = []
      let upper = asKey(above)
      for (const { key, bytes } of end < 0 ? records : records.slice(0, end + 1)) {
        rows.push({ key, upper, bytes })
        upper = key
      }
      if (end < 0 && records.length < count) rows.push({ key: '', upper, bytes: undefined })
      return rows
    })
  }

  writePages(change: PagesChange): Promise<void> {
    const stores = change.damaged.length === 0 ? ['pages'] : ['pages', 'damaged']
    return this.#write(stores, { doing: 'write pages', durability: 'strict' }, (transaction) => {
      const pages = transaction.objectStore('pages')
      for (const key of change.remove) pages.delete(key)
      for (const { key, bytes } of change.put) pages.put(bytes, key)
      for (const { place, ...row } of change.damaged) transaction.objectStore('damaged').put(row, place)
    })
  }

  async readDamaged(): Promise<readonly DamagedRow[]> {
    return this.#read('damaged', 'read the list of damaged records', async (damaged) => {
      const [places, rows] = await Promise.all([result(damaged.getAllKeys()), result<unknown[]>(damaged.getAll())])
      return rows.map((row, at) => ({ place: asKey(places[at]) ?? '', ...asDamage(row) }))
    })
  }

  close(): Promise<void> {
    this.closed = true
    this.#database.close()
    return Promise.resolve()
  }

  async #read<T>(store: string, doing: string, read: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    try {
      return await read(this.#database.transaction(store, 'readonly').objectStore(store))
    } catch (error) {
      throw storageFailure(error, doing)
    }
  }

  async #write(stores: string | string[], purpose: Purpose, change: (transaction: IDBTransaction) => void): Promise<void> {
    try {
      const transaction = this.#database.transaction(stores, 'readwrite', { durability: purpose.durability })
      change(transaction)
      transaction.commit()
      await completed(transaction)
    } catch (error) {
      throw storageFailure(error, purpose.doing)
    }
  }

  #commitFailure(error: unknown): SpiceTimeError {
    if (!(error instanceof DOMException) || error.name !== 'ConstraintError') return storageFailure(error, 'store the changes')
    const overtaken = new SpiceTimeError(
      'STORAGE_CLOSED',
      'Another connection has written to this database, so this one was closed. Open it again to go on.',
      {},
      error,
    )
    this.#onOvertaken(overtaken)
    return overtaken
  }
}

/** Indexes into `bounds` of the pages that the keys belong to; a bound whose successor is unknown counts for none. */
function pagesOf(keys: readonly string[], bounds: readonly string[], truncated: boolean): number[] {
  const found: number[] = []
  const known = truncated ? bounds.length - 1 : bounds.length
  let at = 0
  for (const key of keys) {
    while (at + 1 < bounds.length && (bounds[at + 1] ?? '') <= key) at++
    if (at >= known) break
    if (found.at(-1) !== at) found.push(at)
  }
  return found
}

function asKey(key: IDBValidKey | undefined): string | undefined {
  return typeof key === 'string' ? key : undefined
}

function asDamage(row: unknown): Omit<DamagedRow, 'place'> {
  const fields: { key?: unknown; reason?: unknown; bytes?: unknown } = typeof row === 'object' && row !== null ? row : {}
  return {
    key: typeof fields.key === 'string' ? fields.key : 'unknown',
    reason: typeof fields.reason === 'string' ? fields.reason : 'unknown',
    bytes: asBytes(fields.bytes),
  }
}

function asBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}
