import type { KeyRange, StoreEntry } from '../../store.js'
import type { DamageLog } from './damage-log.js'
import { lostFromPage } from './damage-log.js'
import { DAMAGED, PackedEntries, packEntries } from './packed-entries.js'
import type { PackedDisk, PageRow } from './packed-disk.js'
import type { LoadedPage, PageCache } from './page-cache.js'
import { salvage } from './salvage.js'

/** Reads entries from pages, through the cache; what is damaged is told, left out, and handed over for repair. */
export class PageReader {
  readonly #disk: PackedDisk
  readonly #cache: PageCache
  readonly #damage: DamageLog
  readonly #repair: (pageKey: string) => void

  constructor(parts: { disk: PackedDisk; cache: PageCache; damage: DamageLog; repair: (pageKey: string) => void }) {
    this.#disk = parts.disk
    this.#cache = parts.cache
    this.#damage = parts.damage
    this.#repair = parts.repair
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const cached = this.#cache.find(key)
    if (cached !== undefined) return this.#valueOf(cached, key)
    const version = this.#cache.version
    const [row] = await this.#disk.readCovering([key], 1)
    return row === undefined ? undefined : this.#valueOf(this.#load(row, version), key)
  }

  /** Takes a page that came along with something else. */
  keep(row: PageRow): void {
    this.#load(row, this.#cache.version)
  }

  /** Values by key, of those keys that are there. */
  async getMany(keys: readonly string[]): Promise<Map<string, Uint8Array>> {
    const values = new Map<string, Uint8Array>()
    const missing = keys.filter((key) => {
      const page = this.#cache.find(key)
      if (page !== undefined) this.#collect(page, key, values)
      return page === undefined
    })
    missing.sort()
    for (let at = 0; at < missing.length;) {
      const version = this.#cache.version
      const rows = await this.#disk.readCovering(missing.slice(at, at + KEYS_PER_READ), PAGES_PER_READ)
      const pages = rows.map((row) => this.#load(row, version))
      const end = at + KEYS_PER_READ
      for (const page of pages) {
        for (let key = missing[at]; key !== undefined && at < end && isBelow(key, page.upper); key = missing[++at])
          this.#collect(page, key, values)
      }
    }
    return values
  }

  /** The foremost entries of the range from up to `count` pages, and where the rest begins (ends, in reverse), if there is one. */
  async read(range: KeyRange, count: number): Promise<{ readonly entries: readonly StoreEntry[]; readonly next: string | undefined }> {
    const pages = await this.#readPages(range, count)
    const last = pages.at(-1)
    const entries: StoreEntry[] = []
    for (const page of pages) this.#collectRange(page, range, entries)
    const next = range.reverse === true ? last?.key : last?.upper
    const ended = next === undefined || (range.reverse === true ? next <= range.from : next >= range.to)
    return { entries, next: ended ? undefined : next }
  }

  async #readPages(range: KeyRange, count: number): Promise<readonly LoadedPage[]> {
    const cached = range.reverse === true ? this.#cache.findBelow(range.to) : this.#cache.find(range.from)
    if (cached !== undefined) return [cached]
    const version = this.#cache.version
    const rows = range.reverse === true ? await this.#disk.readBackward(range, count) : await this.#disk.readForward(range, count)
    // A long walk must not push everything else out of the cache.
    return rows.map((row) => this.#load(row, count <= 2 ? version : UNKEPT))
  }

  #load(row: PageRow, version: number): LoadedPage {
    const page = { key: row.key, upper: row.upper, entries: row.bytes === undefined ? undefined : this.#unpack(row, row.bytes) }
    this.#cache.put(page, version)
    return page
  }

  #unpack(row: PageRow, bytes: Uint8Array): PackedEntries | undefined {
    const entries = PackedEntries.read('page', bytes)
    if (entries !== undefined) return entries
    const saved = salvage('page', bytes)
    this.#damage.report(lostFromPage(row, saved.lost))
    this.#repair(row.key)
    return PackedEntries.read('page', packEntries('page', saved.entries))
  }

  #collect(page: LoadedPage, key: string, values: Map<string, Uint8Array>): void {
    const value = this.#valueOf(page, key)
    if (value !== undefined) values.set(key, value)
  }

  #valueOf(page: LoadedPage, key: string): Uint8Array | undefined {
    const entries = page.entries
    if (entries === undefined) return undefined
    const index = entries.lowerBound(key)
    if (index >= entries.count || entries.keyAt(index) !== key) return undefined
    // A copy, so that one small value does not keep its whole page in memory.
    return this.#checked(page, entries, index)?.slice()
  }

  #collectRange(page: LoadedPage, range: KeyRange, into: StoreEntry[]): void {
    const entries = page.entries
    if (entries === undefined) return
    const first = entries.lowerBound(range.from)
    const end = isBelow(range.to, page.upper) ? entries.lowerBound(range.to) : entries.count
    for (let step = 0; step < end - first; step++) {
      const index = range.reverse === true ? end - 1 - step : first + step
      const value = this.#checked(page, entries, index)
      if (value !== undefined) into.push([entries.keyAt(index), value])
    }
  }

  #checked(page: LoadedPage, entries: PackedEntries, index: number): Uint8Array | undefined {
    const value = entries.valueAt(index)
    if (value !== DAMAGED) return value
    const bytes = entries.uncheckedValueAt(index) ?? new Uint8Array(0)
    this.#damage.report(lostFromPage(page, [{ slot: index, key: entries.keyAt(index), after: undefined, before: undefined, bytes }]))
    this.#repair(page.key)
    return undefined
  }
}

const KEYS_PER_READ = 512
const PAGES_PER_READ = 32
/** No version of the cache: the page is not kept. */
const UNKEPT = -1

function isBelow(key: string, upper: string | undefined): boolean {
  return upper === undefined || key < upper
}
