import { OwnedWrites } from './owned-writes.js'
import type { OwnershipListener } from './owned-writes.js'
import type { CommitRow, DamagedRow, Deletion, LogStart, PackedDisk, PageRange, PageRow, PagesChange } from './packed/packed-disk.js'
import { asBytes, lastRecords, mostLastRecords, result, resultOrEmpty } from './requests.js'
import { OWNER_NOW } from './schema.js'
import type { OwnerRow } from './schema.js'
import { storageFailure } from './storage-failure.js'

/** Page keys that one read looks through at most. */
const KEYS_LISTED = 512

/** Keys up to which each one's page is looked for by itself. */
const FEW_KEYS = 4

/**
 * The rows of a packed store in IndexedDB. Writes are strict: they are flushed to the disk before they resolve. Commits,
 * pages and reads lie in object stores of their own, so that they do not wait for one another. No transaction waits for this process
 * once it has begun: an owner that freezes or spins must not keep the next one from the database.
 */
export class IndexedDbDisk implements PackedDisk {
  readonly writes: OwnedWrites
  readonly #database: IDBDatabase
  /** Counts writes of pages that were asked for. */
  #pageWrites = 0
  #listing: Listing | undefined
  closed = false

  constructor(database: IDBDatabase, listener: OwnershipListener) {
    this.#database = database
    this.writes = new OwnedWrites(database, listener)
  }

  async takeOver(count: number): Promise<LogStart> {
    const [log, [damaged, lowest]] = await this.writes.takeOver(count, (transaction) =>
      Promise.all([damagedIn(transaction.objectStore('damaged')), pageOf(transaction.objectStore('pages'), '')]),
    )
    return { ...log, damaged, lowest }
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
        transaction.onabort = () => reject(this.writes.failure(transaction.error, 'store the changes'))
        for (const { sequence, bytes } of rows) commits.add(bytes, sequence)
        transaction.commit()
      } catch (error) {
        reject(this.writes.failure(error, 'store the changes'))
      }
    })
  }

  deleteCommits({ after, upTo, keep }: Deletion): Promise<void> {
    // Rows that come back after a power cut are replayed and deleted again, so this need not be strict.
    return this.writes.write(['commits'], { doing: 'delete old commits', durability: 'relaxed' }, (transaction) => {
      const commits = transaction.objectStore('commits')
      let from = after
      for (const kept of keep.filter((sequence) => sequence > after && sequence <= upTo)) {
        if (kept > from + 1) commits.delete(IDBKeyRange.bound(from, kept, true, true))
        from = kept
      }
      if (from < upTo) commits.delete(IDBKeyRange.bound(from, upTo, true, false))
      transaction.objectStore('owner').put({ epoch: this.writes.epoch, covered: upTo } satisfies OwnerRow, OWNER_NOW)
    })
  }

  async readCovering(keys: readonly string[], count: number): Promise<readonly PageRow[]> {
    if (keys.length <= FEW_KEYS) return this.#readEach(keys, count)
    for (;;) {
      const { bounds, writes } = this.#listed(keys) ?? (await this.#list(keys[0] ?? ''))
      // This connection alone writes pages: without a write in between, what was listed is what is read now.
      if (writes !== this.#pageWrites) continue
      const wanted = pagesOf(keys, bounds).slice(0, count)
      const bytes = await this.#read('pages', 'read a page', (pages) => Promise.all(wanted.map((at) => pageAt(pages, bounds, at))))
      return wanted.map((at, index) => ({ key: bounds.keys[at] ?? '', upper: bounds.keys[at + 1], bytes: bytes[index] }))
    }
  }

  async readForward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    if (count === 1) return this.readCovering([range.from], 1)
    const [keys, values] = await this.#read('pages', 'read pages', (pages) =>
      Promise.all([
        result(pages.getAllKeys(IDBKeyRange.lowerBound(range.from), count + 1)),
        result<unknown[]>(pages.getAll(IDBKeyRange.bound(range.from, range.to, false, true), count)),
      ]),
    )
    // A walk goes on at a page's own key, if that page is still there; else the page before holds the beginning.
    if (asKey(keys[0]) !== range.from) return this.readCovering([range.from], 1)
    return values.map((value, at) => ({ key: asKey(keys[at]) ?? '', upper: asKey(keys[at + 1]), bytes: asBytes(value) }))
  }

  async readBackward(range: PageRange, count: number): Promise<readonly PageRow[]> {
    return this.#read('pages', 'read pages', async (pages) => {
      const most = mostLastRecords(pages, count)
      const [records, [above]] = await Promise.all([
        lastRecords(pages, IDBKeyRange.upperBound(range.to, true), most),
        result(pages.getAllKeys(IDBKeyRange.lowerBound(range.to), 1)),
      ])
      const end = records.findIndex((record) => record.key <= range.from)
      const rows: PageRow[] = []
      let upper = asKey(above)
      for (const { key, bytes } of end < 0 ? records : records.slice(0, end + 1)) {
        rows.push({ key, upper, bytes })
        upper = key
      }
      if (end < 0 && records.length < most) rows.push({ key: '', upper, bytes: undefined })
      return rows
    })
  }

  writePages(change: PagesChange): Promise<void> {
    this.#pageWrites++
    const stores = change.damaged.length === 0 ? ['pages'] : ['pages', 'damaged']
    return this.writes.write(stores, { doing: 'write pages', durability: 'strict' }, (transaction) => {
      const pages = transaction.objectStore('pages')
      for (const key of change.remove) pages.delete(key)
      for (const { key, bytes } of change.put) pages.put(bytes, key)
      for (const { place, ...row } of change.damaged) transaction.objectStore('damaged').put(row, place)
    })
  }

  close(): Promise<void> {
    this.closed = true
    this.#database.close()
    return Promise.resolve()
  }

  /** The list of before, when no page was written since and it tells of a page for the first key. */
  #listed(keys: readonly string[]): Listing | undefined {
    const listing = this.#listing
    if (listing === undefined || listing.writes !== this.#pageWrites || (listing.bounds.keys[0] ?? '') > (keys[0] ?? '')) return undefined
    return pagesOf(keys, listing.bounds).length === 0 ? undefined : listing
  }

  async #list(first: string): Promise<Listing> {
    const writes = this.#pageWrites
    this.#listing = { writes, bounds: await this.#read('pages', 'read a page', (pages) => boundsFrom(pages, first)) }
    return this.#listing
  }

  /** Each key's own page, found in one step. */
  async #readEach(keys: readonly string[], count: number): Promise<readonly PageRow[]> {
    const found = await this.#read('pages', 'read a page', (pages) => Promise.all(keys.map((key) => pageOf(pages, key))))
    return found.filter((row, at) => at === 0 || row.key !== found[at - 1]?.key).slice(0, count)
  }

  /** `read` must make all of its requests at once. */
  async #read<T>(store: string, doing: string, read: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    try {
      const transaction = this.#database.transaction(store, 'readonly')
      const answer = read(transaction.objectStore(store))
      transaction.commit()
      return await answer
    } catch (error) {
      throw storageFailure(error, doing)
    }
  }
}

/** The page that a key belongs to. */
async function pageOf(pages: IDBObjectStore, key: string): Promise<PageRow> {
  const [[own], [upper]] = await Promise.all([
    lastRecords(pages, IDBKeyRange.upperBound(key), 1),
    result(pages.getAllKeys(IDBKeyRange.lowerBound(key, true), 1)),
  ])
  return { key: own?.key ?? '', upper: asKey(upper), bytes: own?.bytes }
}

async function damagedIn(damaged: IDBObjectStore): Promise<DamagedRow[]> {
  const [places, rows] = await Promise.all([result(damaged.getAllKeys()), result<unknown[]>(damaged.getAll())])
  return rows.map((row, at) => ({ place: asKey(places[at]) ?? '', ...asDamage(row) }))
}

/** The keys of the page that `first` belongs to and of those above it. */
interface Bounds {
  readonly keys: readonly string[]
  /** Whether the first page is there: `''` stands for it otherwise. */
  readonly hasFirst: boolean
  /** There may be more pages above. */
  readonly truncated: boolean
}

interface Listing {
  readonly bounds: Bounds
  /** Writes of pages before it. */
  readonly writes: number
}

async function boundsFrom(pages: IDBObjectStore, first: string): Promise<Bounds> {
  const [own, others] = await Promise.all([
    result(pages.openKeyCursor(IDBKeyRange.upperBound(first), 'prev')),
    result(pages.getAllKeys(IDBKeyRange.lowerBound(first, true), KEYS_LISTED)),
  ])
  const keys = [asKey(own?.key) ?? '', ...others.map((key) => asKey(key) ?? '')]
  return { keys, hasFirst: own !== null, truncated: others.length === KEYS_LISTED }
}

async function pageAt(pages: IDBObjectStore, { keys, hasFirst }: Bounds, at: number): Promise<Uint8Array | undefined> {
  return at === 0 && !hasFirst ? undefined : await resultOrEmpty(pages.get(keys[at] ?? ''))
}

/** Indexes into `bounds` of the pages that the keys belong to; a bound whose successor is unknown counts for none. */
function pagesOf(keys: readonly string[], { keys: bounds, truncated }: Bounds): number[] {
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
