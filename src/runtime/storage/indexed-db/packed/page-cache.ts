import { lowerBound } from '../../sorted-map.js'
import type { PackedEntries } from './packed-entries.js'

/** A page in memory: all entries from `key` up to `upper`. */
export interface LoadedPage {
  readonly key: string
  /** undefined: no upper end. */
  readonly upper: string | undefined
  /** undefined: nothing is stored there. */
  readonly entries: PackedEntries | undefined
}

/** The pages used last, up to a number of bytes; finds the one that a key belongs to. */
export class PageCache {
  readonly #maxBytes: number
  /** In the order of use, oldest first. */
  readonly #pages = new Map<string, LoadedPage>()
  #keys: string[] = []
  #bytes = 0
  /** Changes with every change of stored pages: a page that was read under another version may be stale. */
  version = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  has(pageKey: string): boolean {
    return this.#pages.has(pageKey)
  }

  /** The page that the key belongs to, if it is here. */
  find(key: string): LoadedPage | undefined {
    const at = lowerBound(this.#keys, key)
    return this.#use(this.#keys[at] === key ? key : this.#keys[at - 1], key)
  }

  /** The page that the keys just below `key` belong to, if it is here. */
  findBelow(key: string): LoadedPage | undefined {
    const below = this.#keys[lowerBound(this.#keys, key) - 1]
    const page = below === undefined ? undefined : this.#pages.get(below)
    return page === undefined || (page.upper !== undefined && page.upper < key) ? undefined : page
  }

  /** Keeps a page that was read under `version`. */
  put(page: LoadedPage, version: number): void {
    const size = page.entries?.bytes.byteLength ?? 0
    if (version !== this.version || size * 2 > this.#maxBytes) return
    this.drop(page.key)
    this.#pages.set(page.key, page)
    this.#keys.splice(lowerBound(this.#keys, page.key), 0, page.key)
    this.#bytes += size
    for (const [oldest] of this.#pages) {
      if (this.#bytes <= this.#maxBytes) break
      this.drop(oldest)
    }
  }

  drop(key: string): void {
    const page = this.#pages.get(key)
    if (page === undefined) return
    this.#pages.delete(key)
    this.#bytes -= page.entries?.bytes.byteLength ?? 0
    const at = lowerBound(this.#keys, key)
    if (this.#keys[at] === key) this.#keys.splice(at, 1)
  }

  #use(pageKey: string | undefined, key: string): LoadedPage | undefined {
    const page = pageKey === undefined ? undefined : this.#pages.get(pageKey)
    if (page === undefined || (page.upper !== undefined && page.upper <= key)) return undefined
    this.#pages.delete(page.key)
    this.#pages.set(page.key, page)
    return page
  }
}
