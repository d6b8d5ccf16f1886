import { lowerBound } from '../../sorted-map.js'
import { lostFromPage } from './damage-log.js'
import type { DamageLog } from './damage-log.js'
import type { Memtable } from './memtable.js'
import { PackedEntries } from './packed-entries.js'
import type { DamagedRow, PackedDisk, PageRow } from './packed-disk.js'
import type { PageCache } from './page-cache.js'
import { mergePage, sizeOf, splitPage } from './page-merge.js'
import type { Change, MergedEntry } from './page-merge.js'
import { salvage } from './salvage.js'

/** Pages that one transaction rewrites at most. */
const PAGES_PER_SLICE = 32
/** Above every key: those are ASCII. */
const AFTER_ALL_KEYS = '\u007f'

export interface PageWriterParts {
  readonly disk: PackedDisk
  readonly cache: PageCache
  readonly damage: DamageLog
  readonly pageBytes: number
  readonly sliceBytes: number
}

/** What one transaction of a checkpoint will do. */
interface Slice {
  readonly put: Map<string, PackedEntries>
  readonly remove: Set<string>
  readonly damaged: DamagedRow[]
  readonly uppers: Map<string, string | undefined>
}

/** The transactions of a checkpoint and of a repair. Whoever calls sees to it that there is one at a time. */
export class PageWriter {
  readonly #parts: PageWriterParts

  constructor(parts: PageWriterParts) {
    this.#parts = parts
  }

  /** Merges a first part of `keys` from `at` on; returns where the next slice begins. */
  async mergeSlice(memtable: Memtable, keys: readonly string[], at: number): Promise<number> {
    const end = this.#windowEnd(memtable, keys, at)
    const rows = await this.#parts.disk.readCovering(keys.slice(at, end), PAGES_PER_SLICE)
    const limit = keys[end]
    const changesOf = (row: PageRow): Change[] => {
      const to = row.upper === undefined || (limit !== undefined && limit < row.upper) ? limit : row.upper
      return [...memtable.layer.walk({ from: row.key, to: to ?? AFTER_ALL_KEYS })]
    }
    const slice: Slice = { put: new Map(), remove: new Set(), damaged: [], uppers: new Map() }
    let upper: string | undefined
    for (let index = 0; index < rows.length; index++) {
      const group = await this.#mergeGroup(rows, index, { changesOf, slice })
      index += group.taken
      upper = group.upper
    }
    await this.#write(slice)
    return upper === undefined ? end : Math.min(end, lowerBound(keys, upper))
  }

  #windowEnd(memtable: Memtable, keys: readonly string[], start: number): number {
    let bytes = 0
    let at = start
    for (; at < keys.length && bytes < this.#parts.sliceBytes; at++) {
      const key = keys[at] ?? ''
      bytes += key.length + (memtable.layer.get(key)?.byteLength ?? 0)
    }
    return at
  }

  /** Merges one page, and its upper neighbours while what is left of it is too little for a page. */
  async #mergeGroup(
    rows: readonly PageRow[],
    index: number,
    { changesOf, slice }: { changesOf: (row: PageRow) => Change[]; slice: Slice },
  ): Promise<{ readonly upper: string | undefined; readonly taken: number }> {
    const first = rows[index]
    if (first === undefined) return { upper: undefined, taken: 0 }
    const { pageBytes } = this.#parts
    let row = first
    let taken = 0
    let entries: MergedEntry[] = this.#merge(row, changesOf(row), slice)
    const shrank = row.bytes !== undefined && sizeOf(entries) < row.bytes.byteLength / 2
    while (shrank && row.upper !== undefined && sizeOf(entries) < pageBytes / 4) {
      // A neighbour that nothing changes is not among the rows: the next of those may lie far above it.
      const known = rows[index + taken + 1]
      const next = known?.key === row.upper ? known : (await this.#parts.disk.readCovering([row.upper], 1))[0]
      if (next === undefined) break
      if (next === known) taken++
      slice.remove.add(next.key)
      entries = [...entries, ...this.#merge(next, changesOf(next), slice)]
      row = next
    }
    const pieces = splitPage(first.key, entries, pageBytes)
    if (pieces.length === 0 && first.bytes !== undefined) slice.remove.add(first.key)
    for (const [at, piece] of pieces.entries()) {
      slice.put.set(piece.key, PackedEntries.pack('page', piece.entries))
      slice.uppers.set(piece.key, pieces[at + 1]?.key ?? row.upper)
    }
    return { upper: row.upper, taken }
  }

  #merge(row: PageRow, changes: readonly Change[], slice: Slice): MergedEntry[] {
    if (row.bytes === undefined) return mergePage(undefined, changes)
    const page = PackedEntries.read('page', row.bytes)
    if (page !== undefined) return mergePage(page, changes)
    const saved = salvage('page', row.bytes)
    slice.damaged.push(...lostFromPage(row, saved.lost))
    return mergePage(PackedEntries.pack('page', saved.entries), changes)
  }

  async #write(slice: Slice): Promise<void> {
    const { disk, cache, damage } = this.#parts
    const put = [...slice.put].map(([key, page]) => ({ key, bytes: page.bytes }))
    const remove = [...slice.remove].filter((key) => !slice.put.has(key))
    await disk.writePages({ put, remove, damaged: slice.damaged })
    cache.version++
    for (const key of remove) cache.drop(key)
    for (const [key, entries] of slice.put) {
      const cached = cache.has(key)
      cache.drop(key)
      if (cached) cache.put({ key, upper: slice.uppers.get(key), entries }, cache.version)
    }
    damage.report(slice.damaged)
  }

  /** Writes a page again without what is damaged in it, and files that. */
  async repairPage(pageKey: string): Promise<void> {
    const [row] = await this.#parts.disk.readCovering([pageKey], 1)
    if (row?.bytes === undefined || row.key !== pageKey) return
    const saved = salvage('page', row.bytes)
    if (saved.lost.length === 0) return
    const slice: Slice = { put: new Map(), remove: new Set(), damaged: lostFromPage(row, saved.lost), uppers: new Map() }
    if (saved.entries.length === 0) slice.remove.add(row.key)
    else slice.put.set(row.key, PackedEntries.pack('page', saved.entries))
    slice.uppers.set(row.key, row.upper)
    await this.#write(slice)
  }
}
