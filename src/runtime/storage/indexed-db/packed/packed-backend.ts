import { asSpiceTimeError, isSpiceTimeError } from '../../../errors/spice-time-error.js'
import type { SpiceTimeError } from '../../../errors/spice-time-error.js'
import type { BackendPage, StoreBackend } from '../../group-commit.js'
import { lookUp, mergeLayers } from '../../merge-layers.js'
import type { Layer } from '../../merge-layers.js'
import type { DamagedRecord, KeyRange } from '../../store.js'
import { Checkpointer } from './checkpointer.js'
import { DamageLog, lostFromCommit } from './damage-log.js'
import { isFence } from './fence.js'
import { Memtable } from './memtable.js'
import { PackedEntries, entryBytes } from './packed-entries.js'
import type { PackedEntry } from './packed-entries.js'
import type { CommitRow, DamagedRow, PackedDisk } from './packed-disk.js'
import { PageCache } from './page-cache.js'
import { PageReader } from './page-reader.js'
import { salvage } from './salvage.js'

export interface PackedOptions {
  readonly disk: PackedDisk
  /** `Platform.after`. */
  readonly after: (milliseconds: number, callback: () => void) => () => void
  /** Why the database is no longer there, once that is so: everything fails with it. */
  readonly ended?: () => SpiceTimeError | undefined
  readonly onDamaged: (record: DamagedRecord) => void
  /** A checkpoint or a repair failed: it is tried again, and writes fail once too much has piled up. */
  readonly onBackgroundFailure: (error: SpiceTimeError) => void
  readonly limits?: Partial<PackedLimits>
}

export interface PackedLimits {
  /** Most bytes of a page or a commit row, unless one entry is larger. Below 64 KiB: browsers put larger rows into files. */
  readonly pageBytes: number
  /** A checkpoint begins when the changes since the last one pass either. */
  readonly memtableBytes: number
  readonly memtableRows: number
  /** So much more may pile up while a checkpoint is under way; writes wait beyond that. An import has its memory for a while, and no waits. */
  readonly backlog: number
  /** Most bytes of changes that one transaction of a checkpoint merges. */
  readonly sliceBytes: number
  readonly cacheBytes: number
}

export const PACKED_LIMITS: PackedLimits = {
  pageBytes: 32 * 1024,
  memtableBytes: 3 * 1024 * 1024,
  memtableRows: 3072,
  backlog: 4,
  sliceBytes: 1024 * 1024,
  cacheBytes: 4 * 1024 * 1024,
}

/** Commit rows that are packed without a turn of the event loop in between: of full ones 4 MiB, some 50 ms. */
const ROWS_A_TURN = 128
/** Commit rows read at a time on opening. */
const ROWS_PER_READ = 256
/** Entries that one read gives at most. */
const MOST_ENTRIES = 20_000
/** After so many milliseconds without a commit a checkpoint is worth while, so that the next opening finds a short log. */
const IDLE_AFTER = 1000
/** Less than either is not worth one. */
const IDLE_ROWS = 32
const IDLE_BYTES = 256 * 1024
/** Milliseconds until a failed checkpoint is tried again. */
const RETRY_AFTER = 5000

/** A store in packed rows: a log of commits that makes writes durable, and pages that keep them. See docs/decisions/0004. */
export class PackedBackend implements StoreBackend {
  readonly #options: PackedOptions
  readonly #limits: PackedLimits
  readonly #damage: DamageLog
  readonly #checkpointer: Checkpointer
  readonly #reader: PageReader
  #active = new Memtable()
  /** What a checkpoint is putting into pages. */
  #frozen: Memtable | undefined
  #checkpoint: Promise<void> | undefined
  #resting: (() => void) | undefined
  #idle: (() => void) | undefined
  #sequence = 0
  closed = false

  private constructor(options: PackedOptions) {
    this.#options = options
    this.#limits = { ...PACKED_LIMITS, ...options.limits }
    this.#damage = new DamageLog(options.onDamaged)
    const { disk } = options
    const parts = { disk, damage: this.#damage, cache: new PageCache(this.#limits.cacheBytes) }
    this.#checkpointer = new Checkpointer({ ...parts, pageBytes: this.#limits.pageBytes, sliceBytes: this.#limits.sliceBytes })
    this.#reader = new PageReader({ ...parts, repair: (pageKey) => this.#inBackground(this.#checkpointer.repair(pageKey)) })
  }

  /** Takes the database over from whoever owned it, and reads the commits since the last checkpoint, and nothing else. */
  static async open(options: PackedOptions): Promise<PackedBackend> {
    const backend = new PackedBackend(options)
    await backend.#replay()
    return backend
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkAlive()
    const known = lookUp(this.#layers(), key)
    return known === undefined ? this.#reader.get(key) : known.value?.slice()
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    this.#checkAlive()
    const layers = this.#layers()
    const known = keys.map((key) => lookUp(layers, key))
    const unknown = keys.filter((_, index) => known[index] === undefined)
    const stored = unknown.length === 0 ? undefined : await this.#reader.getMany(unknown)
    return keys.map((key, index) => {
      const found = known[index]
      return found === undefined ? stored?.get(key) : found.value?.slice()
    })
  }

  async read(range: KeyRange, pages: number): Promise<BackendPage> {
    this.#checkAlive()
    const layers = this.#layers()
    const { entries, next } = await this.#reader.read(range, pages)
    const rest = next === undefined ? undefined : range.reverse === true ? { ...range, to: next } : { ...range, from: next }
    const covered = rest === undefined ? range : range.reverse === true ? { ...range, from: rest.to } : { ...range, to: rest.from }
    // An import may have left more in memory than a reader should get at once.
    const most = Math.min(range.limit ?? Infinity, MOST_ENTRIES)
    const merged = mergeLayers(layers, entries, { ...covered, limit: most })
    const last = merged.at(-1)
    if (last === undefined || merged.length !== most) return { entries: merged, rest }
    // Cut at the limit, so the rest begins right behind the last entry that was given.
    return { entries: merged, rest: range.reverse === true ? { ...range, to: last[0] } : { ...range, from: `${last[0]}\u0000` } }
  }

  commit(changes: Layer): Promise<void> {
    const ended = this.#options.ended?.()
    if (ended !== undefined) return Promise.reject(ended)
    const full = this.#exceeds(this.#active, this.#limits.backlog)
    return full ? this.#makeRoom().then(() => this.#append(changes)) : this.#append(changes)
  }

  damaged(): readonly DamagedRecord[] {
    return this.#damage.records()
  }

  async close(): Promise<void> {
    this.closed = true
    this.#resting?.()
    this.#idle?.()
    await this.#checkpointer.stop()
    await this.#options.disk.close()
  }

  #checkAlive(): void {
    const ended = this.#options.ended?.()
    if (ended !== undefined) throw ended
  }

  #layers(): readonly Layer[] {
    return this.#frozen === undefined ? [this.#active.layer] : [this.#active.layer, this.#frozen.layer]
  }

  #exceeds(memtable: Memtable, times: number): boolean {
    return memtable.bytes >= this.#limits.memtableBytes * times || memtable.rows >= this.#limits.memtableRows * times
  }

  async #append(changes: Layer): Promise<void> {
    const rows: PackedEntries[] = []
    for (const row of packRows(changes, this.#limits.pageBytes)) {
      rows.push(row)
      // Others have a turn in between: whoever asks whether this process lives must be answered in time.
      if (rows.length % ROWS_A_TURN === 0) await new Promise<void>((resolve) => this.#options.after(0, resolve))
    }
    const first = this.#sequence + 1
    return this.#options.disk.appendCommits(rows.map((row, at) => ({ sequence: first + at, bytes: row.bytes }))).then(() => {
      this.#sequence += rows.length
      for (const [at, row] of rows.entries()) this.#active.add(first + at, row)
      if (this.#resting === undefined && this.#exceeds(this.#active, 1)) this.#inBackground(this.#runCheckpoint())
      this.#watchIdle()
    })
  }

  /** Looks once in a while whether commits have ceased. */
  #watchIdle(): void {
    const little = this.#active.rows < IDLE_ROWS && this.#active.bytes < IDLE_BYTES && !this.#checkpointer.manyFences
    if (this.#idle !== undefined || little) return
    const seen = this.#sequence
    this.#idle = this.#options.after(IDLE_AFTER, () => {
      this.#idle = undefined
      if (this.closed || this.#resting !== undefined) return
      // What comes in during a checkpoint is left for the next one.
      if (seen === this.#sequence && this.#checkpoint === undefined) this.#inBackground(this.#runCheckpoint())
      else this.#watchIdle()
    })
  }

  /** Writes come faster than checkpoints: they wait for one. */
  async #makeRoom(): Promise<void> {
    if (this.#frozen !== undefined || this.#checkpoint !== undefined) await this.#awaitCheckpoint()
    if (this.#exceeds(this.#active, this.#limits.backlog)) this.#inBackground(this.#runCheckpoint())
  }

  async #awaitCheckpoint(): Promise<void> {
    try {
      await this.#runCheckpoint()
    } catch (error) {
      // Once all is in pages there is room, though old commit rows are left: the next checkpoint deletes them.
      if (this.#frozen !== undefined) throw error
      this.#options.onBackgroundFailure(asSpiceTimeError(error, 'STORAGE_FAILED'))
    }
  }

  #runCheckpoint(): Promise<void> {
    this.#checkpoint ??= this.#merge().finally(() => {
      this.#checkpoint = undefined
    })
    return this.#checkpoint
  }

  async #merge(): Promise<void> {
    if (this.#frozen === undefined) {
      this.#frozen = this.#active
      this.#active = new Memtable()
    }
    await this.#checkpointer.run(this.#frozen, () => {
      this.#frozen = undefined
    })
  }

  /** The one owner of what nobody waits for. */
  #inBackground(task: Promise<void>): void {
    task.catch((error: unknown) => {
      if (this.closed || isSpiceTimeError(error, 'STORAGE_CLOSED')) return
      this.#resting ??= this.#options.after(RETRY_AFTER, () => {
        this.#resting = undefined
        if (this.#frozen !== undefined || this.#exceeds(this.#active, 1)) this.#inBackground(this.#runCheckpoint())
      })
      this.#options.onBackgroundFailure(asSpiceTimeError(error, 'STORAGE_FAILED'))
    })
  }

  async #replay(): Promise<void> {
    const { disk } = this.#options
    const damaged: DamagedRow[] = []
    const { fence, covered, rows: first, damaged: known, lowest } = await disk.takeOver(ROWS_PER_READ)
    this.#damage.recall(known)
    this.#reader.keep(lowest)
    const fences: number[] = []
    for (let rows = first; ;) {
      for (const row of rows) {
        if (isFence(row.bytes)) fences.push(row.sequence)
        else if (row.sequence > covered && row.sequence < fence) damaged.push(...this.#replayRow(row))
      }
      const last = rows.at(-1)?.sequence ?? fence
      if (rows.length < ROWS_PER_READ || last >= fence) break
      rows = await disk.readCommits(last, ROWS_PER_READ)
    }
    if (fences.at(-1) !== fence) fences.push(fence)
    this.#checkpointer.keepFences(fences)
    this.#active.pass(fence)
    this.#sequence = fence
    this.#damage.report(damaged)
    if (damaged.length > 0) this.#inBackground(this.#checkpointer.file(damaged))
    // Even a long log waits for a quiet moment or the next commit: the first reads come first.
    this.#watchIdle()
  }

  #replayRow({ sequence, bytes }: CommitRow): DamagedRow[] {
    const row = PackedEntries.read('commit', bytes)
    if (row === undefined) {
      const saved = salvage('commit', bytes)
      this.#active.add(sequence, PackedEntries.pack('commit', saved.entries))
      return lostFromCommit(sequence, saved.lost)
    }
    const lost = this.#active.addChecked(sequence, row).map((slot) => {
      return { slot, key: row.keyAt(slot), after: undefined, before: undefined, bytes: row.uncheckedValueAt(slot) ?? new Uint8Array(0) }
    })
    return lostFromCommit(sequence, lost)
  }
}

/** One commit as rows of limited size; all of them go into one transaction. */
function* packRows(changes: Layer, maxBytes: number): Generator<PackedEntries, void> {
  let entries: PackedEntry[] = []
  let bytes = 0
  for (const [key, value] of changes.entries()) {
    const entry = { key, value }
    const size = entryBytes(entry)
    if (entries.length > 0 && bytes + size > maxBytes) {
      yield PackedEntries.pack('commit', entries)
      entries = []
      bytes = 0
    }
    entries.push(entry)
    bytes += size
  }
  yield PackedEntries.pack('commit', entries)
}
